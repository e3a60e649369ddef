module.exports = { displayName: 'recipes', preset: '../../jest.preset.js', testTimeout: 120_000 };
