module.exports = { displayName: 'engine-simd', preset: '../../jest.preset.js' };
