import type { Engine } from '@digits/model';
import { createEngine, MAX_THREADS } from './engine.ts';
import { webThreadSource } from './generated/web-thread-source.ts';
import { createWebHost } from './threads/web-host.ts';

/** How the engine runs in a page or in a web worker. */
export interface SimdEngineOptions {
  /** 1 to 8; by default the processor's cores, at most 8. In a page that is not cross-origin isolated there is always one. */
  readonly threads?: number;
  /** Makes a worker that runs {@link engineThreadSource}, for pages whose policy forbids `blob:` workers. */
  readonly createWorker?: () => Worker;
}

/** The program that every thread of the engine runs, for a file that `createWorker` can point to. */
export const engineThreadSource: string = webThreadSource;

/**
 * Makes the fast engine for a browser. Weights are the same to the last bit whatever the threads, and the same as in Node.
 *
 * Without cross-origin isolation everything runs on the calling thread: train in a worker then.
 *
 * @throws RangeError when `threads` is not a whole number from 1 to 8
 * @throws Error when the browser cannot run WebAssembly with SIMD
 */
export function createSimdEngine({ threads, createWorker }: SimdEngineOptions = {}): Engine {
  const cores = typeof navigator === 'object' ? navigator.hardwareConcurrency : 1;
  return createEngine('createSimdEngine', threads ?? Math.min(MAX_THREADS, cores), createWebHost(createWorker));
}
