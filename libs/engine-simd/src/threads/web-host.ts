import { webThreadSource } from '../generated/web-thread-source.ts';
import type { EngineThread, ThreadHost } from './thread-host.ts';
import type { ThreadReply } from './thread-program.ts';

/**
 * Web workers as threads.
 *
 * @param createWorker makes a worker that runs `engineThreadSource`, where a policy forbids `blob:` workers; by default one
 * is made from a `blob:` address
 */
export function createWebHost(createWorker: () => Worker = createBlobWorker): ThreadHost {
  const isIsolated = typeof crossOriginIsolated === 'boolean' && crossOriginIsolated;
  return {
    canShareMemory: isIsolated && typeof Worker === 'function',
    createThread: () => wrapWorker(createWorker()),
  };
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
