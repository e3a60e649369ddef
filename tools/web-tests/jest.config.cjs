module.exports = { displayName: 'web-tests', preset: '../../jest.preset.js', testTimeout: 120_000, maxWorkers: 1 };
