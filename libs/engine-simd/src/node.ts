import { availableParallelism } from 'node:os';
import type { Engine } from '@digits/model';
import { createEngine, MAX_THREADS } from './engine.ts';
import { nodeHost } from './node/node-host.ts';

/** How the engine runs in Node. */
export interface NodeSimdEngineOptions {
  /** 1 to 8; by default the processor's cores, at most 8. */
  readonly threads?: number;
}

/**
 * Makes the fast engine for Node. Weights are the same to the last bit whatever the threads.
 *
 * @throws RangeError when `threads` is not a whole number from 1 to 8
 * @throws Error when this Node cannot run WebAssembly with SIMD
 */
export function createSimdEngine({ threads }: NodeSimdEngineOptions = {}): Engine {
  const cores = Math.min(MAX_THREADS, availableParallelism());
  return createEngine('createSimdEngine', threads ?? cores, nodeHost);
}
