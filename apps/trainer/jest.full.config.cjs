const process = require('node:process');

/** The tests of `npm run check:full`: what takes minutes. */
process.env.DIGITS_NUM_KILLS = '10';

module.exports = {
  displayName: 'trainer-full',
  preset: '../../jest.preset.js',
  testMatch: ['**/src/run/crash.spec.ts', '**/src/**/*.full.ts'],
  testTimeout: 1_200_000,
};
