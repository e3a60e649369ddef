/** `npm run mutation`: at least 80% of the mutants must be noticed by a test. Run from the root of the workspace. */
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

export default {
  mutate: [
    'libs/metrics/src/*.ts',
    '!libs/metrics/src/*.spec.ts',
    '!libs/metrics/src/index.ts',
    'libs/data/src/{dataset,randomness}/*.ts',
    '!libs/data/src/**/*.spec.ts',
  ],
  testRunner: 'jest',
  plugins: [fileURLToPath(new URL('node_modules/@stryker-mutator/jest-runner/dist/src/index.js', import.meta.url))],
  jest: { configFile: 'tools/mutation/mutants.jest.cjs', enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  ignorePatterns: [
    'apps',
    'docs',
    'deploy',
    'dist',
    'coverage',
    'libs/engine-*',
    'libs/model',
    'libs/reader',
    'libs/synthesis',
  ],
  // swc takes types off without looking at them.
  disableTypeChecks: false,
  tempDirName: 'tools/mutation/dist/sandbox',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  htmlReporter: { fileName: `${here}dist/mutation.html` },
  jsonReporter: { fileName: `${here}dist/mutation.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  thresholds: { high: 90, low: 80, break: 80 },
  concurrency: 2,
  timeoutMS: 20_000,
  allowEmpty: false,
};
