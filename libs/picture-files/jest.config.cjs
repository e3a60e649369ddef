module.exports = { displayName: 'picture-files', preset: '../../jest.preset.js' };
