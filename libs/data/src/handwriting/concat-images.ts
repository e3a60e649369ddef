import type { LabelledImages } from '../labelled-images.ts';
import { madeHandwriting, type HandwritingOptions } from './made-handwriting.ts';

/**
 * Puts one labelled set behind another.
 *
 * @returns a new set: all of `a`, then all of `b`, so that indices into `a` keep their meaning
 * @throws RangeError when image sizes or numbers of classes differ
 */
export function concatImages(a: LabelledImages, b: LabelledImages): LabelledImages {
  const shape = (set: LabelledImages): string =>
    `${set.height}x${set.width}x${set.channels} in ${set.numClasses} classes`;
  if (shape(a) !== shape(b)) {
    throw new RangeError(`concatImages: both sets must have the same shape, got ${shape(a)} and ${shape(b)}`);
  }
  const images = new Uint8Array(a.images.length + b.images.length);
  images.set(a.images);
  images.set(b.images, a.images.length);
  const labels = new Uint8Array(a.count + b.count);
  labels.set(a.labels);
  labels.set(b.labels, a.count);
  return {
    images,
    labels,
    count: a.count + b.count,
    height: a.height,
    width: a.width,
    channels: a.channels,
    numClasses: a.numClasses,
  };
}

/**
 * Adds made digits of the training variants to a training set.
 *
 * @param train `[n, 28, 28, 1]` in 10 classes; add after validation images were split off, so that those stay what they were
 * @returns a new set: `train`, then the made digits
 * @throws RangeError when an option is out of range or `train` has another shape
 */
export function addHandwriting(train: LabelledImages, options: Omit<HandwritingOptions, 'variants'>): LabelledImages {
  return concatImages(train, madeHandwriting({ ...options, variants: 'training' }));
}
