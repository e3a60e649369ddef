import { type LabelledImages, normaliseImages } from '@digits/data';
import type { Engine } from './engine.ts';
import type { Model } from './model.ts';
import { numClassesOf } from './shape-inference.ts';

const CHUNK = 1000;

/**
 * Runs a network on all images of a set.
 *
 * @returns `[count, numOutputs]`, row-major
 * @throws RangeError where the images do not fit the network
 */
export async function predictLogits(
  { architecture, weights }: Pick<Model, 'architecture' | 'weights'>,
  engine: Engine,
  { images, count, height, width, channels }: LabelledImages,
): Promise<Float32Array> {
  const numOutputs = numClassesOf(architecture);
  const imageSize = height * width * channels;
  const logits = new Float32Array(count * numOutputs);
  const predictor = await engine.createPredictor(architecture, weights);
  try {
    for (let start = 0; start < count; start += CHUNK) {
      const chunk = images.subarray(start * imageSize, (start + CHUNK) * imageSize);
      logits.set(await predictor.predict(normaliseImages(chunk)), start * numOutputs);
    }
  } finally {
    await predictor.dispose();
  }
  return logits;
}

/**
 * Leaves out the output for "no digit".
 *
 * @param logits `[n, numOutputs]`
 * @returns `[n, numClasses]`, the leading columns; the same array where there are no others
 */
export function leadingColumns(logits: Float32Array, numOutputs: number, numClasses: number): Float32Array {
  if (numOutputs === numClasses) return logits;
  const numRows = logits.length / numOutputs;
  const leading = new Float32Array(numRows * numClasses);
  for (let n = 0; n < numRows; n++) {
    leading.set(logits.subarray(n * numOutputs, n * numOutputs + numClasses), n * numClasses);
  }
  return leading;
}
