/*
 * Compiles what runs inside WebAssembly and inside the threads, and writes it into src/generated: the kernels of
 * `assembly/` as base64, the thread program as source text. These modules need no other file at run time, so they work in
 * any bundler, in a page and in a worker.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compileKernels } from './kernel-compiler.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

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

await mkdir(here('src/generated'), { recursive: true });
for (const [name, entry] of [
  ['inferenceKernels', 'assembly/inference.ts'],
  ['trainingKernels', 'assembly/training.ts'],
]) {
  const bytes = await compileKernels(entry);
  await writeModule(name, `The WebAssembly module of ${entry}, base64.`, bytes.toString('base64'));
  console.error(`${entry}: ${bytes.length} bytes`);
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
