/** Tests that fetch other runtimes: `npm run check:full`. */
module.exports = { ...require('./jest.config.cjs'), testMatch: ['**/src/**/*.full.ts'] };
