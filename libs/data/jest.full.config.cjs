/** Tests that need more than Node: `npm run check:full`. */
module.exports = { ...require('./jest.config.cjs'), testMatch: ['**/src/**/*.full.ts'] };
