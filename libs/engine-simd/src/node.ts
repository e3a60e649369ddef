import { availableParallelism } from 'node:os';
import type { Engine } from '@digits/model';
import { createEngine, MAX_THREADS } from './engine.ts';
import { nodeHost } from './node/node-host.ts';

export { MAX_THREADS } from './engine.ts';

/** Settings of the engine in Node. */
export interface NodeSimdEngineOptions {
  /** 1 to {@link MAX_THREADS}; default: {@link defaultThreads}. */
  readonly threads?: number;
}

/** Returns the default number of threads: one per core, at most {@link MAX_THREADS}. */
export function defaultThreads(): number {
  return Math.min(MAX_THREADS, availableParallelism());
}

/**
 * Creates the fast engine for Node. Weights are the same to the last bit with any number of threads.
 *
 * @throws RangeError if `threads` is not a whole number from 1 to {@link MAX_THREADS}
 * @throws Error if this Node cannot run WebAssembly with SIMD
 */
export function createSimdEngine({ threads = defaultThreads() }: NodeSimdEngineOptions = {}): Engine {
  return createEngine('createSimdEngine', threads, nodeHost);
}
