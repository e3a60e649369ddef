import { Worker } from 'node:worker_threads';
import { nodeThreadSource } from '../generated/node-thread-source.ts';
import type { EngineThread, ThreadHost } from '../threads/thread-pool.ts';
import type { ThreadReply } from '../threads/thread-program.ts';

/** Uses worker threads of Node. */
export const nodeHost: ThreadHost = { canShareMemory: true, createThread };

function createThread(): EngineThread {
  const worker = new Worker(nodeThreadSource, { eval: true, name: 'engine-simd' });
  worker.unref();
  return {
    post(message) {
      worker.postMessage(message);
    },
    listen(onReply, onDeath) {
      worker.on('message', (reply: ThreadReply) => {
        onReply(reply);
      });
      worker.on('error', (error) => {
        onDeath(`it ended with "${error.message}"`);
      });
      worker.on('exit', (code) => {
        onDeath(`it ended with exit code ${code}`);
      });
    },
    keepAlive(isNeeded) {
      if (isNeeded) worker.ref();
      else worker.unref();
    },
    async terminate() {
      await worker.terminate();
    },
  };
}
