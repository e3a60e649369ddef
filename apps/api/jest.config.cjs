module.exports = {
  displayName: 'api',
  preset: '../../jest.preset.js',
  // Threads start slowly where others keep the cores busy.
  testTimeout: 60_000,
};
