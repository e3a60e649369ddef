module.exports = { displayName: 'handwriting', preset: '../../jest.preset.js', testTimeout: 120_000 };
