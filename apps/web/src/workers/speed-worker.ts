import { createSimdEngine } from '@digits/engine-simd';
import { createClassifier, decodeModel, type Model, type ModelFiles } from '@digits/model';
import { expose } from 'comlink';

/** How fast this device answers. */
export interface Speed {
  readonly threads: number;
  /** Median time of one answer, in milliseconds. */
  readonly medianMs: number;
  readonly imagesPerSecond: number;
}

const WARM_UP = 20;
const NUM_SINGLE = 200;
const BATCH = 256;
const BATCH_SECONDS = 1;

const calls = {
  /** Answers made images, one at a time and in batches, with so many threads. */
  measure: async (files: ModelFiles, threads: number): Promise<Speed> => measure(decodeModel(files), threads),
};

/** What the worker can be asked. */
export type SpeedCalls = typeof calls;

expose(calls);

async function measure(model: Model, threads: number): Promise<Speed> {
  const classifier = await createClassifier(model, createSimdEngine({ threads }));
  try {
    const imageSize = model.architecture.inputShape.reduce((product, side) => product * side, 1);
    const images = new Float32Array(BATCH * imageSize).map((_, i) => (i % 7 === 0 ? 1 : 0));
    const one = images.subarray(0, imageSize);
    const timesMs: number[] = [];
    for (let i = 0; i < WARM_UP + NUM_SINGLE; i++) {
      const startedAt = performance.now();
      await classifier.classify(one);
      if (i >= WARM_UP) timesMs.push(performance.now() - startedAt);
    }
    let numImages = 0;
    await classifier.classify(images);
    const startedAt = performance.now();
    while (performance.now() - startedAt < 1000 * BATCH_SECONDS) {
      await classifier.classify(images);
      numImages += BATCH;
    }
    const imagesPerSecond = numImages / ((performance.now() - startedAt) / 1000);
    // A page's clock may tick in steps longer than an answer: the mean is right where the median would be 0.
    const medianMs = timesMs.sort((a, b) => a - b)[NUM_SINGLE / 2];
    const meanMs = timesMs.reduce((sum, ms) => sum + ms, 0) / NUM_SINGLE;
    return { threads, medianMs: medianMs > 0 ? medianMs : meanMs, imagesPerSecond };
  } finally {
    await classifier.dispose();
  }
}
