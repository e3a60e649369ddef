/** Tests that take minutes: `npm run check:full`. */
module.exports = { displayName: 'browser-tests', preset: '../../jest.preset.js', testMatch: ['**/src/**/*.full.ts'] };
