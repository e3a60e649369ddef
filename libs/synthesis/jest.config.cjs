module.exports = { displayName: 'synthesis', preset: '../../jest.preset.js' };
