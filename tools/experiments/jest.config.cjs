module.exports = { displayName: 'experiments', preset: '../../jest.preset.js', testTimeout: 120_000 };
