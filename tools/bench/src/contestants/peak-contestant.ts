import { Worker } from 'node:worker_threads';
import type { Contestant } from './serve.ts';

interface Measured {
  readonly amount: number;
  readonly seconds: number;
}

const NUM_ACCUMULATORS = ['8', '10', '12', '13'];

/** The peak kernel on as many threads as the task says; its amounts are floating-point operations, not images. */
export function peakContestant(): Contestant {
  return {
    greeting: {
      version: 'peak of 128-bit multiplication and addition in WebAssembly',
      variants: { train: NUM_ACCUMULATORS, predict: NUM_ACCUMULATORS },
    },
    prepare(task) {
      const workers = Array.from(
        { length: task.threads },
        () => new Worker(new URL('./peak-worker.js', import.meta.url), { workerData: Number(task.variant) }),
      );
      return Promise.resolve({
        outcome: [],
        async run(seconds: number) {
          const measured = await Promise.all(workers.map((worker) => measure(worker, seconds)));
          const longest = Math.max(...measured.map((each) => each.seconds));
          const rate = measured.reduce((sum, each) => sum + each.amount / each.seconds, 0);
          return { amount: rate * longest, seconds: longest };
        },
        async dispose() {
          await Promise.all(workers.map((worker) => worker.terminate()));
        },
      });
    },
  };
}

function measure(worker: Worker, seconds: number): Promise<Measured> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.postMessage(seconds);
  });
}
