import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const workspaceRoot = join(__dirname, '..', '..', '..');

interface Row {
  readonly allowed: readonly string[];
  readonly refused: readonly string[];
}

const PAGE = ['react', 'react-dom/client', 'next', 'next/link'];
const APPS = ['@digits/trainer', '@digits/api', '@digits/web'];
const TENSORFLOW = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-core/dist/index.js'];
const NODE = ['node:fs', '@digits/data/node', '@digits/model/node', '@digits/engine-tfjs/node'];
const ENGINES = ['@digits/engine-tfjs', '@digits/engine-simd'];

/** The table "Who may import whom" of docs/architecture.md, row by row; a project without a row fails below. */
const TABLE: Record<string, Row> = {
  'libs/data/src/index.ts': {
    allowed: [],
    refused: ['@digits/metrics', '@digits/model', ...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...NODE, ...APPS],
  },
  'libs/data/src/node.ts': {
    allowed: ['node:fs'],
    refused: ['@digits/metrics', '@digits/model', ...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...APPS],
  },
  'libs/metrics/src/index.ts': {
    allowed: [],
    refused: ['@digits/data', '@digits/model', ...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...NODE, ...APPS],
  },
  'libs/charts/src/index.ts': {
    allowed: ['echarts/core'],
    refused: ['@digits/data', '@digits/metrics', ...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...NODE, ...APPS],
  },
  'libs/synthesis/src/index.ts': {
    allowed: ['@digits/data'],
    refused: ['@digits/metrics', '@digits/model', ...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...NODE, ...APPS],
  },
  'libs/reader/src/index.ts': {
    allowed: ['@digits/data', '@digits/model'],
    refused: ['@digits/metrics', '@digits/synthesis', ...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...NODE, ...APPS],
  },
  'libs/engine-contract/src/index.ts': {
    allowed: ['@digits/data', '@digits/model'],
    refused: ['@digits/metrics', '@digits/reader', ...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...NODE, ...APPS],
  },
  'libs/model/src/index.ts': {
    allowed: ['@digits/data', '@digits/metrics', '@digits/synthesis'],
    refused: [
      '@digits/reader',
      '@digits/engine-contract',
      ...ENGINES,
      ...TENSORFLOW,
      ...PAGE,
      'fastify',
      ...NODE,
      ...APPS,
    ],
  },
  'libs/model/src/node.ts': {
    allowed: ['@digits/data', '@digits/metrics', '@digits/synthesis', 'node:fs'],
    refused: [...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...APPS],
  },
  'libs/engine-tfjs/src/index.ts': {
    allowed: ['@digits/data', '@digits/model', '@tensorflow/tfjs-core'],
    refused: ['@digits/metrics', '@digits/engine-simd', '@tensorflow/tfjs-node', ...PAGE, 'fastify', ...NODE, ...APPS],
  },
  'libs/engine-tfjs/src/node.ts': {
    allowed: ['@digits/data', '@digits/model', '@tensorflow/tfjs-core', '@tensorflow/tfjs-node', 'node:fs'],
    refused: ['@digits/metrics', '@digits/engine-simd', ...PAGE, 'fastify', ...APPS],
  },
  'libs/engine-simd/src/index.ts': {
    allowed: ['@digits/data', '@digits/model'],
    refused: ['@digits/metrics', '@digits/engine-tfjs', ...TENSORFLOW, ...PAGE, 'fastify', ...NODE, ...APPS],
  },
  'libs/engine-simd/src/node.ts': {
    allowed: ['@digits/data', '@digits/model', 'node:worker_threads'],
    refused: ['@digits/metrics', '@digits/engine-tfjs', ...TENSORFLOW, ...PAGE, 'fastify', ...APPS],
  },
  'libs/picture-files/src/index.ts': {
    allowed: ['@digits/data', 'sharp', 'node:fs'],
    refused: ['@digits/metrics', '@digits/model', ...ENGINES, ...TENSORFLOW, ...PAGE, 'fastify', ...APPS],
  },
  'apps/api/src/main.ts': {
    allowed: ['@digits/data', '@digits/model', '@digits/model/node', '@digits/engine-simd/node', 'fastify', 'node:fs'],
    refused: [...PAGE, '@digits/trainer', '@digits/web'],
  },
  'apps/trainer/src/main.ts': {
    allowed: ['@digits/data', '@digits/metrics', '@digits/model', '@digits/model/node', ...ENGINES, 'node:fs'],
    refused: [...PAGE, '@digits/api', '@digits/web'],
  },
  'apps/web/src/app/page.tsx': {
    allowed: ['@digits/data', '@digits/metrics', '@digits/model', '@digits/reader', ...ENGINES, ...PAGE],
    refused: [
      '@digits/picture-files',
      '@digits/web/server',
      '@tensorflow/tfjs-node',
      'sharp',
      'fastify',
      ...NODE,
      '@digits/trainer',
      '@digits/api',
    ],
  },
};

/** Lints pieces of code as if they were the named files: `[{ file, code }]` as JSON in, `[[{ ruleId, line }], ...]` out. */
const LINT = `
import { ESLint } from 'eslint';
import { readFileSync } from 'node:fs';

const eslint = new ESLint();
const found = [];
for (const { file, code } of JSON.parse(readFileSync(0, 'utf8'))) {
  const [result] = await eslint.lintText(code, { filePath: file });
  found.push(result.messages.map(({ ruleId, line }) => ({ ruleId, line })));
}
process.stdout.write(JSON.stringify(found));
`;

/** Our own rules that an import can break; other findings on such a line do not matter here. */
const RULES = ['@nx/enforce-module-boundaries', '@typescript-eslint/no-restricted-imports'];

/** Each file as if it held the given imports, one a line; the answer says of each import whether a rule refuses it. */
function refusals(cases: readonly { file: string; imports: readonly string[] }[]): Record<string, boolean>[] {
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', LINT], {
    cwd: workspaceRoot,
    input: JSON.stringify(
      cases.map(({ file, imports }) => ({ file, code: imports.map((name) => `import '${name}';\n`).join('') })),
    ),
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (run.status !== 0) throw new Error(run.stderr);
  const found = JSON.parse(run.stdout) as { ruleId: string; line: number }[][];
  return cases.map(({ imports }, i) => {
    const lines = new Set(found[i].filter(({ ruleId }) => RULES.includes(ruleId)).map(({ line }) => line));
    return Object.fromEntries(imports.map((name, j) => [name, lines.has(j + 1)]));
  });
}

const all = (imports: readonly string[], refused: boolean) => Object.fromEntries(imports.map((n) => [n, refused]));

/** Specs keep to their project's row, but may use Node. */
const SPEC = { file: 'libs/data/src/dataset/idx.spec.ts', allowed: ['node:fs'], refused: ['@digits/model', 'react'] };
const RELATIVE = { file: 'libs/data/src/index.ts', allowed: [], refused: ['../../metrics/src/index.ts'] };

describe('module boundaries', () => {
  const rows = [...Object.entries(TABLE).map(([file, row]) => ({ file, ...row })), SPEC, RELATIVE];
  let found: Record<string, boolean>[];

  beforeAll(() => {
    found = refusals(rows.map(({ file, allowed, refused }) => ({ file, imports: [...allowed, ...refused] })));
  }, 120_000);

  it.each(rows.map((row, i) => [row.file, row, i] as const))('hold in %s', (_, { allowed, refused }, i) => {
    expect(found[i]).toEqual({ ...all(allowed, false), ...all(refused, true) });
  });

  it('have a row for every entry of every project', () => {
    const entries = ['libs', 'apps'].flatMap((folder) =>
      readdirSync(join(workspaceRoot, folder)).flatMap((project) =>
        ['index.ts', 'node.ts', 'main.ts']
          .map((entry) => `${folder}/${project}/src/${entry}`)
          .filter((entry) => existsSync(join(workspaceRoot, entry))),
      ),
    );
    expect(entries.filter((entry) => !(entry in TABLE))).toEqual([]);
  });
});
