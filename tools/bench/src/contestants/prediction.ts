import { NUM_CHECKED, type Task } from '../protocol.ts';
import type { Workload } from './serve.ts';
import { predictionBatches } from './task-data.ts';

/** Whatever predicts: float32 images of one batch size in, logits out. */
export interface Predicting<Input> {
  /** Made once for each batch, outside what is timed. */
  toInput(images: Float32Array, batchSize: number): Input;
  predict(input: Input): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Predicts the same few batches over and over.
 *
 * @param predicting for batches of the task's size
 * @param single for single images; may be the same
 */
export async function predictionWorkload<Input>(
  task: Task,
  predicting: Predicting<Input>,
  single: Predicting<Input>,
): Promise<Workload> {
  const inputs = predictionBatches(task).map((images) => predicting.toInput(images, task.batchSize));
  const singles = predictionBatches(task, 1).map((images) => single.toInput(images, 1));
  const outcome: number[] = [];
  for (const input of singles.slice(0, NUM_CHECKED)) outcome.push(...(await single.predict(input)));

  return {
    outcome,
    async run(seconds) {
      let numBatches = 0;
      const start = performance.now();
      for (;;) {
        await predicting.predict(inputs[numBatches % inputs.length]);
        numBatches++;
        const elapsed = (performance.now() - start) / 1000;
        if (elapsed >= seconds) return { amount: numBatches * task.batchSize, seconds: elapsed };
      }
    },
    async latency(calls) {
      const durationsMs: number[] = [];
      for (let call = 0; call < calls; call++) {
        const start = performance.now();
        await single.predict(singles[call % singles.length]);
        durationsMs.push(performance.now() - start);
      }
      return { durationsMs };
    },
    async dispose() {
      await predicting.dispose();
      await single.dispose();
    },
  };
}
