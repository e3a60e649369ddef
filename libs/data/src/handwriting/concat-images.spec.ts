import type { LabelledImages } from '../labelled-images.ts';
import { addHandwriting, concatImages } from './concat-images.ts';
import { madeHandwriting } from './made-handwriting.ts';

const set = (images: number[], labels: number[]): LabelledImages => ({
  images: Uint8Array.from(images),
  labels: Uint8Array.from(labels),
  count: labels.length,
  height: 1,
  width: 2,
  channels: 1,
  numClasses: 3,
});

describe('concatImages', () => {
  it('puts the second set behind the first', () => {
    expect(concatImages(set([1, 2], [0]), set([3, 4, 5, 6], [2, 1]))).toEqual(set([1, 2, 3, 4, 5, 6], [0, 2, 1]));
  });

  it('refuses sets of different shapes', () => {
    expect(() => concatImages(set([1, 2], [0]), { ...set([3, 4], [1]), numClasses: 4 })).toThrow(
      new RangeError('concatImages: both sets must have the same shape, got 1x2x1 in 3 classes and 1x2x1 in 4 classes'),
    );
  });
});

describe('addHandwriting', () => {
  it('adds made digits of the training variants', () => {
    const made = madeHandwriting({ count: 10, seed: 5, variants: 'training' });
    const train = madeHandwriting({ count: 3, seed: 1, variants: ['one-plain'] });
    const all = addHandwriting(train, { count: 10, seed: 5 });
    expect(all.count).toBe(13);
    expect(Array.from(all.labels)).toEqual([1, 1, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(all.images.subarray(3 * 784)).toEqual(made.images);
  });
});
