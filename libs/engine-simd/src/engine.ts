import type { Engine } from '@digits/model';
import { inferenceKernels } from './generated/inference-kernels.ts';
import { createSimdPredictor } from './predictor.ts';
import type { ThreadHost } from './threads/thread-host.ts';

/** Most threads of an engine: a batch is cut into 8 parts, so that more have nothing to do. */
export const MAX_THREADS = 8;

/**
 * Makes the engine for a host of threads.
 *
 * @param caller opens the error messages
 * @throws RangeError when `threads` is not a whole number from 1 to {@link MAX_THREADS}
 * @throws Error when the host cannot run WebAssembly with SIMD and shared memory
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
  // What only training needs is loaded when it is asked for: a page that predicts does without.
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
