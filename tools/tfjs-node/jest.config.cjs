module.exports = { displayName: 'tfjs-node', preset: '../../jest.preset.js' };
