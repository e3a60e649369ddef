module.exports = { displayName: 'static-server', preset: '../../jest.preset.js' };
