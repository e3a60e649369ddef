import { type LabelledImages, normaliseImages } from '@digits/data';
import type { Classifier } from './classifier.ts';
import { evaluateProbabilities, type Evaluation, type Split } from './evaluation.ts';

const CHUNK = 1000;

/**
 * Runs a classifier on a labelled set.
 *
 * @param options `onProgress` is told how many images are answered, `signal` ends it with its reason
 * @returns the figures and the probabilities behind them, `[count, numClasses]`
 * @throws RangeError when there are no images, or they do not fit the model
 */
export async function evaluateClassifier(
  classifier: Classifier,
  dataset: LabelledImages,
  split: Split,
  options: { readonly onProgress?: (numAnswered: number) => void; readonly signal?: AbortSignal } = {},
): Promise<{ readonly evaluation: Evaluation; readonly probabilities: Float64Array }> {
  const { images, labels, count } = dataset;
  if (count < 1) throw new RangeError(`evaluateClassifier: ${split} images must be at least 1, got 0`);
  const { classNames } = classifier.model.metadata;
  const probabilities = new Float64Array(count * classNames.length);
  const imageSize = images.length / count;
  for (let start = 0; start < count; start += CHUNK) {
    options.signal?.throwIfAborted();
    const end = Math.min(start + CHUNK, count);
    const chunk = normaliseImages(images.subarray(start * imageSize, end * imageSize));
    probabilities.set(await classifier.probabilities(chunk), start * classNames.length);
    options.onProgress?.(end);
  }
  return { evaluation: evaluateProbabilities(labels, probabilities, classNames, split), probabilities };
}
