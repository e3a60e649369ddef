import { type ClassifyImages, normaliseImages } from '@digits/data';
import type { Classifier } from '@digits/model';

/** What the functions of `data` ask that tell digits apart: how likely an image is each digit, and a digit at all. */
export function asksNetwork(classifier: Classifier): ClassifyImages {
  return (images) => classifier.jointProbabilities(normaliseImages(images));
}
