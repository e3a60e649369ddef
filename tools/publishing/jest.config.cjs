module.exports = { displayName: 'publishing', preset: '../../jest.preset.js' };
