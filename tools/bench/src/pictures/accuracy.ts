import { normaliseImages } from '@digits/data';
import type { Classifier } from '@digits/model';

/**
 * Measures a classifier on images as they are. The most probable digit counts, even if the classifier would reject the image.
 *
 * @param images `[n, 28, 28]` uint8, white on black
 * @param labels `[n]`
 * @returns share of the images whose most probable digit is their label
 */
export async function directAccuracy(classifier: Classifier, images: Uint8Array, labels: Uint8Array): Promise<number> {
  const probabilities = await classifier.probabilities(normaliseImages(images));
  const { length: numClasses } = classifier.model.metadata.classNames;
  const right = labels.filter((label, i) => {
    const row = probabilities.subarray(i * numClasses, (i + 1) * numClasses);
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / labels.length;
}
