const process = require('node:process');

/** The tests of `npm run check:full`: what takes minutes. */
process.env.DIGITS_NUM_KILLS = '10';

module.exports = {
  displayName: 'trainer-full',
  preset: '../../jest.preset.js',
  // An ES module only, whose package has no entry for `require`.
  moduleNameMapper: { '^h5wasm$': require.resolve('../../node_modules/h5wasm/dist/esm/hdf5_hl.js') },
  transformIgnorePatterns: ['/node_modules/(?!(@noble|h5wasm|p-limit|p-map|typebox|valibot|yocto-queue)/)'],
  testMatch: ['**/src/run/crash.spec.ts', '**/src/**/*.full.ts'],
  testTimeout: 1_200_000,
};
