module.exports = {
  displayName: 'browser-tests',
  preset: '../../jest.preset.js',
  testTimeout: 120_000,
  maxWorkers: 1,
};
