/*
 * Compiles what runs inside WebAssembly and inside the threads, and writes it into src/generated: the kernels of
 * `assembly/` as base64, the thread program as source text. Modules with everything in them need no file at run time, so
 * they work in any bundler, in a page and in a worker alike.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Relaxed SIMD stays off: its results differ from processor to processor. */
const FLAGS = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--enable', 'threads'],
  ...['--importMemory', '--sharedMemory', '--maximumMemory', '65536'],
];

async function compileKernels(entry, folder) {
  const file = join(folder, 'kernels.wasm');
  const { error, stderr } = await asc.main([entry, ...FLAGS, '-o', file], { stdout: process.stdout });
  if (error) throw new Error(`kernels: asc refused ${entry}:\n${stderr.toString()}`);
  return await readFile(file);
}

async function bundleThread(entry, platform) {
  const bundle = { entryPoints: [here(entry)], bundle: true, minify: true, write: false };
  const { outputFiles } = await build({
    ...bundle,
    platform,
    format: platform === 'node' ? 'cjs' : 'iife',
    target: 'es2022',
  });
  return outputFiles[0].text.trim();
}

async function writeModule(name, comment, value) {
  const text = `/** ${comment} Written by kernels.mjs. */\nexport const ${name} =\n  ${JSON.stringify(value)};\n`;
  const file = `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`;
  await writeFile(here(`src/generated/${file}`), text);
}

process.chdir(here('.'));
await mkdir(here('src/generated'), { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'kernels-'));
try {
  for (const [name, entry] of [
    ['inferenceKernels', 'assembly/inference.ts'],
    ['trainingKernels', 'assembly/training.ts'],
  ]) {
    const bytes = await compileKernels(entry, folder);
    await writeModule(name, `The WebAssembly module of ${entry}, base64.`, bytes.toString('base64'));
    console.error(`${entry}: ${bytes.length} bytes`);
  }
} finally {
  await rm(folder, { recursive: true });
}
await writeModule(
  'webThreadSource',
  'The program of a thread in a web worker.',
  await bundleThread('src/threads/web-thread.ts', 'browser'),
);
await writeModule(
  'nodeThreadSource',
  'The program of a thread in a Node worker.',
  await bundleThread('src/node/node-thread.ts', 'node'),
);
