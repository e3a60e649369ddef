import { type LabelledImages, normaliseImages } from '@digits/data';
import { numClassesOf, shapeSize, type Weights } from '@digits/model';
import { readFileSync } from 'node:fs';
import { NUM_CHECKED, SAMPLE_STRIDE, type Task } from '../protocol.ts';
import type { Workload } from './serve.ts';

/** Whatever predicts: float32 images of one batch size in, logits out. */
export interface Predicting<Input> {
  /** Made once for each batch, outside what is timed. */
  toInput(images: Float32Array, batchSize: number): Input;
  predict(input: Input): Promise<Float32Array>;
  dispose(): Promise<void>;
}

const NUM_PREDICTED_BATCHES = 4;

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

/** The task's images and labels. */
export function readDataset({ architecture, files }: Task): LabelledImages {
  const [height, width, channels] = architecture.inputShape;
  return {
    images: new Uint8Array(readFileSync(files.images)),
    labels: new Uint8Array(readFileSync(files.labels)),
    count: files.numImages,
    height,
    width,
    channels,
    numClasses: numClassesOf(architecture),
  };
}

/** The task's weights, in the architecture's order. */
export function readWeights({ files }: Task): Weights {
  const bytes = readFileSync(files.weights);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let start = 0;
  return files.tensors.map(({ name, shape }) => {
    const end = start + shapeSize(shape);
    const tensor = { name, shape, values: values.slice(start, end) };
    start = end;
    return tensor;
  });
}

/** Index of the k-th sample that a contestant takes. */
export function sampleAt(k: number, numImages: number): number {
  return (k * SAMPLE_STRIDE) % numImages;
}

/**
 * The first few batches as networks take them.
 *
 * @returns arrays of `[batchSize, height, width, channels]` float32 in [0, 1]
 */
function predictionBatches(task: Task, batchSize = task.batchSize): readonly Float32Array[] {
  const { images, count } = readDataset(task);
  const size = shapeSize(task.architecture.inputShape);
  return Array.from({ length: NUM_PREDICTED_BATCHES }, (_, batch) => {
    const pixels = new Uint8Array(batchSize * size);
    for (let i = 0; i < batchSize; i++) {
      const sample = sampleAt(batch * batchSize + i, count);
      pixels.set(images.subarray(sample * size, (sample + 1) * size), i * size);
    }
    return normaliseImages(pixels);
  });
}
