/* global WebAssembly */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const FLAGS =
  '-O3 --noAssert --runtime stub --enable simd --enable threads --importMemory --sharedMemory --maximumMemory 65536';

/** Compiles `assembly/benchmark.ts` and instantiates it over a memory. */
export async function loadKernels(memory) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const folder = await mkdtemp(join(tmpdir(), 'kernels-'));
  try {
    const file = join(folder, 'benchmark.wasm');
    const { error, stderr } = await asc.main(['assembly/benchmark.ts', ...FLAGS.split(' '), '-o', file]);
    if (error) throw new Error(`bench: asc refused the kernels:\n${stderr.toString()}`);
    const { instance } = await WebAssembly.instantiate(await readFile(file), { env: { memory, sleep: () => {} } });
    return instance.exports;
  } finally {
    await rm(folder, { recursive: true });
  }
}
