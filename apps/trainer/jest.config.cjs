module.exports = {
  displayName: 'trainer',
  preset: '../../jest.preset.js',
  // It is an ES module, which Jest has to turn into its own.
  transformIgnorePatterns: ['/node_modules/(?!p-map/)'],
};
