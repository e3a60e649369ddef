const { join } = require('node:path');

/** What every project's Jest shares: TypeScript through swc, workspace libs through their built `dist`. */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/src/**/*.spec.ts'],
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      },
    ],
  },
  // Packages that are ES modules only, which Jest cannot require.
  transformIgnorePatterns: [
    '/node_modules/(?!(@noble|fzstd|h5wasm|hyparquet|hyparquet-compressors|hysnappy|p-limit|p-map|pbf|typebox|valibot|yocto-queue)/)',
  ],
  // Its package has no entry for `require`.
  moduleNameMapper: { '^h5wasm$': join(__dirname, 'node_modules', 'h5wasm', 'dist', 'esm', 'hdf5_hl.js') },
  coverageDirectory: 'coverage',
  // Neither what tests are made of nor what the build writes.
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts', '!src/**/*.fixture.ts', '!src/generated/**'],
};
