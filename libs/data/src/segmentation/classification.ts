import { IMAGE_SIZE } from '../pictures/placement.ts';

/**
 * Whatever can tell digits: takes `[n, 28, 28]` uint8 images, white on black, and gives `[n, numClasses]` probabilities.
 * Rows that lack the share of "no digit" to 1 split touching digits best.
 */
export type ClassifyImages = (images: Uint8Array) => ArrayLike<number> | Promise<ArrayLike<number>>;

/**
 * Asks the classifier about all images in one call.
 *
 * @param images `[28, 28]` uint8 each; null, for which there is no image, is not asked and gets no confidence
 * @returns each image's highest probability, 0 for null; and its probabilities, null for null
 * @throws RangeError where the classifier's answer has no whole number of probabilities an image
 */
export async function classifyAll(
  caller: string,
  images: readonly (Uint8Array | null)[],
  classify: ClassifyImages,
): Promise<{ confidences: number[]; probabilities: (Float32Array | null)[] }> {
  const size = IMAGE_SIZE * IMAGE_SIZE;
  const present = images.filter((image) => image !== null);
  const batch = new Uint8Array(present.length * size);
  present.forEach((image, i) => {
    batch.set(image, i * size);
  });
  const answer = present.length > 0 ? Float32Array.from(await classify(batch)) : new Float32Array();
  const numClasses = present.length > 0 ? answer.length / present.length : 0;
  if (!Number.isInteger(numClasses) || (present.length > 0 && numClasses === 0)) {
    throw new RangeError(
      `${caller}: classify must return the same number of probabilities for each of ${present.length} images, got ${answer.length} in all`,
    );
  }
  let next = 0;
  const probabilities = images.map((image) => {
    if (image === null) return null;
    const start = next++ * numClasses;
    return answer.subarray(start, start + numClasses);
  });
  const confidences = probabilities.map((row) => row?.reduce((a, b) => Math.max(a, b), 0) ?? 0);
  return { confidences, probabilities };
}
