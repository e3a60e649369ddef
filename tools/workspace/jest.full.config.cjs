module.exports = { ...require('./jest.config.cjs'), testMatch: ['**/src/**/*.full.ts'], testTimeout: 600_000 };
