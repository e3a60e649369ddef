import { type ClassifyImages, normaliseImages } from '@digits/data';
import type { Classification, Classifier } from '@digits/model';

/** What the functions of `data` ask that tell digits apart: how likely an image is each digit, and a digit at all. */
export function asksNetwork(classifier: Classifier): ClassifyImages {
  return (images) => classifier.jointProbabilities(normaliseImages(images));
}

/**
 * Answers what was found side by side.
 *
 * @param images `[28, 28]` uint8 each
 * @returns an answer to each image, in their order
 */
export function answerTogether(
  classifier: Classifier,
  images: readonly Uint8Array[],
): Promise<readonly Classification[]> {
  const joined = new Uint8Array(images.reduce((sum, { length }) => sum + length, 0));
  images.reduce((offset, image) => {
    joined.set(image, offset);
    return offset + image.length;
  }, 0);
  return classifier.classifyTogether(normaliseImages(joined));
}
