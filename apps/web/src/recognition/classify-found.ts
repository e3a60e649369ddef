import { normaliseImages } from '@digits/data';
import type { Classifier } from '@digits/model';
import type { ReadDigit } from './reading.ts';

type FoundDigit = Pick<ReadDigit, 'place' | 'row' | 'image' | 'steps'>;

/** Asks the network about all digits in one call. */
export async function classifyFound(classifier: Classifier, found: readonly FoundDigit[]): Promise<ReadDigit[]> {
  const images = new Uint8Array(found.reduce((sum, { image }) => sum + image.length, 0));
  found.forEach(({ image }, i) => {
    images.set(image, i * image.length);
  });
  const answers = await classifier.classify(normaliseImages(images));
  return found.map((digit, i) => {
    const { digit: label, confidence, probabilities } = answers[i];
    return { ...digit, digit: label, confidence, probabilities };
  });
}
