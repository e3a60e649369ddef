import * as tf from '@tensorflow/tfjs-core';
import { type BackendName, runOnBackend } from './backend.ts';

/** Images that go through a network at once when predicting: enough to keep it busy, little enough to hold in memory. */
const CHUNK_SIZE = 256;

/** How a set of images is predicted. */
export interface ChunkedRun {
  readonly backend: BackendName;
  /** `[height, width, channels]` of one image. */
  readonly inputShape: readonly [number, number, number];
  readonly numClasses: number;
  /** @returns float32 pixels in [0, 1] of the images from `first` up to `end` */
  readonly pixels: (first: number, end: number) => Float32Array;
  /** Runs the network on `[n, h, w, c]`; called inside a tidy. */
  readonly run: (images: tf.Tensor4D) => tf.Tensor;
  /** Called before each chunk; throws to end the run. */
  readonly check: () => void;
}

/**
 * Predicts any number of images, a few hundred at a time.
 *
 * @param numImages 0 too
 * @returns `[numImages, numClasses]` logits
 */
export async function runInChunks(numImages: number, settings: ChunkedRun): Promise<Float32Array> {
  const { backend, inputShape, numClasses, pixels, run, check } = settings;
  const logits = new Float32Array(numImages * numClasses);
  for (let first = 0; first < numImages; first += CHUNK_SIZE) {
    const end = Math.min(first + CHUNK_SIZE, numImages);
    const output = await runOnBackend(backend, () => {
      check();
      return tf.tidy(() => run(tf.tensor4d(pixels(first, end), [end - first, ...inputShape])));
    });
    try {
      logits.set(await output.data<'float32'>(), first * numClasses);
    } finally {
      output.dispose();
    }
  }
  return logits;
}
