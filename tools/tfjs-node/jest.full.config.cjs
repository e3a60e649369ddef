/** Tests that need what set-up brings, or minutes: `npm run check:full`. */
module.exports = {
  displayName: 'tfjs-node',
  preset: '../../jest.preset.js',
  testMatch: ['**/src/**/*.full.ts'],
  globalSetup: './src/full-setup.mjs',
};
