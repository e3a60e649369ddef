/** The tests that mutants must not survive: those of the files that are mutated. */
const preset = require('../../jest.preset.js');

module.exports = {
  ...preset,
  rootDir: '../..',
  testMatch: ['<rootDir>/libs/metrics/src/*.spec.ts', '<rootDir>/libs/data/src/{dataset,randomness}/*.spec.ts'],
};
