import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Project tags are `lib:NAME`, `app:NAME` and `tools`; the table is that of docs/architecture.md. */
const OUR_IMPORTS = [
  { sourceTag: 'lib:data', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'lib:metrics', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'lib:charts', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'lib:synthesis', onlyDependOnLibsWithTags: ['lib:data'] },
  { sourceTag: 'lib:model', onlyDependOnLibsWithTags: ['lib:data', 'lib:metrics', 'lib:synthesis'] },
  { sourceTag: 'lib:reader', onlyDependOnLibsWithTags: ['lib:data', 'lib:model'] },
  { sourceTag: 'lib:engine-contract', onlyDependOnLibsWithTags: ['lib:data', 'lib:model'] },
  { sourceTag: 'lib:engine-tfjs', onlyDependOnLibsWithTags: ['lib:model', 'lib:data', 'lib:engine-contract'] },
  { sourceTag: 'lib:engine-simd', onlyDependOnLibsWithTags: ['lib:model', 'lib:data', 'lib:engine-contract'] },
  { sourceTag: 'lib:picture-files', onlyDependOnLibsWithTags: ['lib:data'] },
  { sourceTag: 'app:trainer', onlyDependOnLibsWithTags: ['lib:*'] },
  { sourceTag: 'app:api', onlyDependOnLibsWithTags: ['lib:*'] },
  {
    sourceTag: 'app:web',
    onlyDependOnLibsWithTags: [
      'lib:data',
      'lib:metrics',
      'lib:model',
      'lib:reader',
      'lib:synthesis',
      'lib:engine-tfjs',
      'lib:engine-simd',
      'lib:charts',
    ],
  },
  { sourceTag: 'tools', onlyDependOnLibsWithTags: ['lib:*', 'tools'] },
];

const TENSORFLOW = ['@tensorflow/*', '@tensorflow/**'];
const PAGE = ['react', 'react/*', 'react-dom', 'react-dom/*', 'next', 'next/*'];
const SERVER = ['fastify', '@fastify/*'];
const NODE = ['node:*', '@digits/*/node'];
const APPS = ['@digits/trainer', '@digits/api', '@digits/web'];
const TFJS_NODE = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

/** Where each third-party or Node module must not be imported, specs included. */
const FOREIGN_IMPORTS = [
  { root: 'libs/data', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'libs/metrics', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'libs/charts', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'libs/synthesis', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'libs/model', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'libs/reader', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'libs/engine-contract', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'libs/engine-simd', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'libs/engine-tfjs', forbidden: [...PAGE, ...SERVER] },
  { root: 'libs/picture-files', forbidden: [...TENSORFLOW, ...PAGE, ...SERVER] },
  { root: 'apps/trainer', forbidden: PAGE },
  { root: 'apps/api', forbidden: PAGE },
  { root: 'apps/web', forbidden: [...SERVER, ...TFJS_NODE, 'sharp'] },
];

/** Folders whose code runs in a browser too: `node:*` only in the lib's `node` entry, in `node/`, in the page's `server/` and in specs. */
const BROWSER_TOO = [
  'libs/data',
  'libs/metrics',
  'libs/charts',
  'libs/synthesis',
  'libs/model',
  'libs/reader',
  'libs/engine-contract',
  'libs/engine-tfjs',
  'libs/engine-simd',
  'apps/web',
];

const message = 'This project must not import it: see "Who may import whom" in docs/architecture.md.';
const restrict = (group) => ['error', { patterns: [{ group: [...APPS, ...group], message }] }];

const foreignRules = FOREIGN_IMPORTS.flatMap(({ root, forbidden }) => {
  const browserToo = BROWSER_TOO.includes(root);
  const alsoNode = browserToo ? [...forbidden, ...NODE] : forbidden;
  const tfjsNode = root === 'libs/engine-tfjs' ? TFJS_NODE : [];
  return [
    {
      files: [`${root}/**/*.{ts,tsx}`],
      rules: { '@typescript-eslint/no-restricted-imports': restrict([...alsoNode, ...tfjsNode]) },
    },
    {
      files: [`${root}/src/node.ts`, `${root}/src/node/**/*.ts`, `${root}/server/**/*.ts`],
      rules: { '@typescript-eslint/no-restricted-imports': restrict(forbidden) },
    },
    {
      files: [`${root}/**/*.spec.ts`],
      rules: { '@typescript-eslint/no-restricted-imports': restrict([...forbidden, ...tfjsNode]) },
    },
  ];
});

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/coverage',
      '**/generated',
      '**/.next',
      '**/.nx',
      '**/assembly',
      '**/fixtures',
      '**/out',
      '**/next-env.d.ts',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Export by name (Next needs a default for its own files only).',
        },
      ],
    },
  },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          // The server of the built page; libs and apps must not import it either: see FOREIGN_IMPORTS.
          allow: ['@digits/web/server'],
          // A program may load an engine late and its specs at once.
          checkDynamicDependenciesExceptions: ['.*'],
          depConstraints: OUR_IMPORTS,
          enforceBuildableLibDependency: true,
          banTransitiveDependencies: false,
        },
      ],
    },
  },
  ...foreignRules,
  {
    files: ['apps/web/src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    // The rest of its rules are for React's compiler, which is not used.
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    files: ['apps/web/src/app/**/{layout,page,not-found}.tsx', 'apps/web/src/app/manifest.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.{cjs,js}'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        performance: 'readonly',
      },
    },
  },
);
