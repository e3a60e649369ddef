module.exports = {
  displayName: 'trainer',
  preset: '../../jest.preset.js',
  // An ES module only, whose package has no entry for `require`.
  moduleNameMapper: { '^h5wasm$': require.resolve('../../node_modules/h5wasm/dist/esm/hdf5_hl.js') },
  transformIgnorePatterns: ['/node_modules/(?!(@noble|h5wasm|p-limit|p-map|typebox|valibot|yocto-queue)/)'],
};
