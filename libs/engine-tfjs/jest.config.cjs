module.exports = { displayName: 'engine-tfjs', preset: '../../jest.preset.js' };
