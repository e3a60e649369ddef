module.exports = { displayName: 'engine-contract', preset: '../../jest.preset.js' };
