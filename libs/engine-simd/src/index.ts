import type { Engine } from '@digits/model';
import { createEngine, MAX_THREADS } from './engine.ts';
import { webThreadSource } from './generated/web-thread-source.ts';
import type { EngineThread, ThreadHost } from './threads/thread-pool.ts';
import type { ThreadReply } from './threads/thread-program.ts';

export { MAX_THREADS } from './engine.ts';

/** Settings of the engine in a page or in a web worker. */
export interface SimdEngineOptions {
  /** 1 to {@link MAX_THREADS}; default: {@link defaultThreads}. A page that is not cross-origin isolated always has one. */
  readonly threads?: number;
  /** Makes a worker that runs {@link engineThreadSource}, for pages whose policy forbids `blob:` workers. */
  readonly createWorker?: () => Worker;
}

/** Source of the program that every thread runs, for a file that `createWorker` can point to. */
export const engineThreadSource: string = webThreadSource;

/** Returns the default number of threads: one per core, at most {@link MAX_THREADS}, and 1 without cross-origin isolation. */
export function defaultThreads(): number {
  return isIsolated() ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1;
}

/**
 * Creates the fast engine for a browser. Weights are the same to the last bit with any number of threads, and in Node.
 *
 * Without cross-origin isolation everything runs on the calling thread. In that case, train in a worker.
 *
 * @throws RangeError if `threads` is not a whole number from 1 to {@link MAX_THREADS}
 * @throws Error if the browser cannot run WebAssembly with SIMD
 */
export function createSimdEngine({ threads = defaultThreads(), createWorker }: SimdEngineOptions = {}): Engine {
  return createEngine('createSimdEngine', threads, createWebHost(createWorker));
}

/** Uses web workers as threads. */
function createWebHost(createWorker: () => Worker = createBlobWorker): ThreadHost {
  return {
    canShareMemory: isIsolated() && typeof Worker === 'function',
    createThread: () => wrapWorker(createWorker()),
  };
}

function isIsolated(): boolean {
  return typeof crossOriginIsolated === 'boolean' && crossOriginIsolated;
}

function createBlobWorker(): Worker {
  const address = URL.createObjectURL(new Blob([webThreadSource], { type: 'text/javascript' }));
  try {
    return new Worker(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function wrapWorker(worker: Worker): EngineThread {
  return {
    post(message) {
      worker.postMessage(message);
    },
    listen(onReply, onDeath) {
      worker.addEventListener('message', ({ data }: MessageEvent<ThreadReply>) => {
        onReply(data);
      });
      worker.addEventListener('error', ({ message }) => {
        onDeath(`it ended with "${message}"`);
      });
    },
    keepAlive: () => {},
    terminate() {
      worker.terminate();
      return Promise.resolve();
    },
  };
}
