module.exports = { displayName: 'reader', preset: '../../jest.preset.js' };
