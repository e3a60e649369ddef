import { RandomPurpose, shuffledWithKey } from '../randomness/random.ts';

/** Images with their labels, as stored in an IDX set: not normalised and not moved. */
export interface LabelledImages {
  /** `[count, height, width, channels]` uint8, row-major; for digits, white ink (255) on black (0). */
  readonly images: Uint8Array;
  /** `[count]` uint8, each in [0, numClasses). */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly numClasses: number;
}

/** What a uint8 pixel is divided by: networks see float32 in [0, 1], white ink on black. */
export const PIXEL_SCALE = 255;

/**
 * Turns uint8 pixels into what every network of this project takes.
 *
 * @param images uint8 pixels of any shape
 * @returns float32 in [0, 1], same shape and order; a new array
 */
export function normaliseImages(images: Uint8Array | Uint8ClampedArray): Float32Array {
  const normalised = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) normalised[i] = images[i] / PIXEL_SCALE;
  return normalised;
}

/** Indices into one labelled set, each ascending, together all of them. */
export interface SplitIndices {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Puts samples aside for validation so that every class keeps its share. Each class gives
 * floor(validationSize * its count / all); what is missing comes from the largest remainders, the lower class first.
 * Which of its samples a class gives is drawn from the stream of purpose `split` and site = class.
 *
 * @param labels `[count]` uint8, each in [0, numClasses)
 * @param validationSize number of samples, from 0 to less than all
 * @param seed the same seed gives the same split
 * @throws RangeError when a label, the size or the seed is out of range
 * @example
 * ```ts
 * const { train, validation } = stratifiedSplit(mnist.train.labels, 10, 5000, 1);
 * ```
 */
export function stratifiedSplit(
  labels: Uint8Array,
  numClasses: number,
  validationSize: number,
  seed: number,
): SplitIndices {
  if (!Number.isInteger(validationSize) || validationSize < 0 || validationSize >= Math.max(1, labels.length)) {
    throw new RangeError(
      `stratifiedSplit: validationSize must be an integer in [0, ${Math.max(1, labels.length)}), got ${validationSize}`,
    );
  }
  const indicesOfClass = groupByClass(labels, numClasses);
  const sizes = largestRemainder(
    indicesOfClass.map((indices) => indices.length),
    validationSize,
  );
  const inValidation = new Uint8Array(labels.length);
  indicesOfClass.forEach((indices, site) => {
    const order = shuffledWithKey(indices.length, { seed, purpose: RandomPurpose.split, site });
    for (const place of order.subarray(0, sizes[site])) inValidation[indices[place]] = 1;
  });
  const all = Uint32Array.from(labels.keys());
  return {
    train: all.filter((i) => inValidation[i] === 0),
    validation: all.filter((i) => inValidation[i] === 1),
  };
}

/**
 * Copies some of the images with their labels.
 *
 * @param indices each in [0, set.count), in any order, repeated ones too
 * @returns a new set in the order of `indices`
 * @throws RangeError when an index is out of range
 */
export function selectImages(set: LabelledImages, indices: ArrayLike<number>): LabelledImages {
  const pixels = set.height * set.width * set.channels;
  const images = new Uint8Array(indices.length * pixels);
  const labels = new Uint8Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (!Number.isInteger(index) || index < 0 || index >= set.count) {
      throw new RangeError(`selectImages: indices must be integers in [0, ${set.count}), got ${index} at ${i}`);
    }
    images.set(set.images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
    labels[i] = set.labels[index];
  }
  return { ...set, images, labels, count: indices.length };
}

function groupByClass(labels: Uint8Array, numClasses: number): number[][] {
  const groups = Array.from({ length: numClasses }, (): number[] => []);
  labels.forEach((label, i) => {
    if (label >= numClasses) {
      throw new RangeError(`stratifiedSplit: labels must be in [0, ${numClasses}), got ${label} at ${i}`);
    }
    groups[label].push(i);
  });
  return groups;
}

/** Whole shares of `total` in proportion to the counts; they sum to `total`. */
function largestRemainder(counts: readonly number[], total: number): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return counts.map(() => 0);
  const shares = counts.map((count) => Math.floor((total * count) / all));
  const remainders = counts.map((count) => (total * count) % all);
  const missing = total - shares.reduce((sum, share) => sum + share, 0);
  const neediest = counts.map((_, i) => i).sort((i, j) => remainders[j] - remainders[i] || i - j);
  for (const i of neediest.slice(0, missing)) shares[i]++;
  return shares;
}
