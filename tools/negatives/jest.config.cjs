module.exports = { displayName: 'negatives', preset: '../../jest.preset.js' };
