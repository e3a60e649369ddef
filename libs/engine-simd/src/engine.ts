import type { Engine } from '@digits/model';
import { inferenceKernels } from './generated/inference-kernels.ts';
import { createSimdPredictor } from './predictor.ts';
import { NUM_SHARDS } from './program/contract.ts';
import type { ThreadHost } from './threads/thread-pool.ts';

/** Maximum number of threads of an engine: a batch has that many shards, so more threads would have nothing to do. */
export const MAX_THREADS = NUM_SHARDS;

/**
 * Creates the engine on a host's threads.
 *
 * @param caller start of the error messages
 * @throws RangeError if `threads` is not a whole number from 1 to {@link MAX_THREADS}
 * @throws Error if the host cannot run WebAssembly with SIMD and shared memory
 */
export function createEngine(caller: string, threads: number, host: ThreadHost): Engine {
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new RangeError(`${caller}: threads must be a whole number from 1 to ${MAX_THREADS}, got ${threads}`);
  }
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(decodeBase64(inferenceKernels))) {
    throw new Error(
      `${caller}: the host must run WebAssembly with SIMD and threads, but it does not; use --engine tfjs or a newer version`,
    );
  }
  const inferenceModule = compileOnce(() => Promise.resolve(inferenceKernels));
  // Loaded on demand, because a page that only predicts does not need it.
  const trainingModule = compileOnce(async () => (await import('./generated/training-kernels.ts')).trainingKernels);
  return {
    name: 'simd',
    async createTrainingSession(architecture, settings, dataset) {
      const { createSession } = await import('./training-session.ts');
      const module = await trainingModule();
      return await createSession({ module, host, numThreads: threads }, architecture, settings, dataset);
    },
    async createPredictor(architecture, weights) {
      const module = await inferenceModule();
      return await createSimdPredictor({ module, host, numThreads: threads }, architecture, weights);
    },
  };
}

function compileOnce(load: () => Promise<string>): () => Promise<WebAssembly.Module> {
  let module: Promise<WebAssembly.Module> | null = null;
  return () => (module ??= load().then((base64) => WebAssembly.compile(decodeBase64(base64))));
}

function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
