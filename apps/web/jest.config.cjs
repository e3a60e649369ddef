module.exports = {
  displayName: 'web',
  preset: '../../jest.preset.js',
  testMatch: ['<rootDir>/{src,server}/**/*.spec.ts'],
};
