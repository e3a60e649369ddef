import { parentPort, workerData } from 'node:worker_threads';
import { peakFlopsPerIteration, peakModule } from './peak-kernel.ts';

/** About a millisecond. */
const ITERATIONS_A_CALL = 50_000;

const numAccumulators = workerData as number;
const { instance } = await WebAssembly.instantiate(peakModule(numAccumulators));
const run = instance.exports.run as (iterations: number, factor: number, term: number) => number;

parentPort?.on('message', (seconds: number) => {
  const start = performance.now();
  let flops = 0;
  let elapsed = 0;
  while (elapsed < seconds) {
    // Stays a normal number: it tends to term / (1 - factor).
    run(ITERATIONS_A_CALL, 0.5, 1);
    flops += ITERATIONS_A_CALL * peakFlopsPerIteration(numAccumulators);
    elapsed = (performance.now() - start) / 1000;
  }
  parentPort?.postMessage({ amount: flops, seconds: elapsed });
});
