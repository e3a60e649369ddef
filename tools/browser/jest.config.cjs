module.exports = { displayName: 'browser', preset: '../../jest.preset.js', testTimeout: 120_000 };
