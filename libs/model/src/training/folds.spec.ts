import type { LabelledImages } from '@digits/data';
import { cutFolds } from './folds.ts';

const LABELS = Uint8Array.from({ length: 53 }, (_, i) => (i % 9 === 0 ? 2 : i % 2));
const SET: LabelledImages = {
  images: LABELS.map((_, i) => i),
  labels: LABELS,
  count: 53,
  height: 1,
  width: 1,
  channels: 1,
  numClasses: 3,
};

describe('cutFolds', () => {
  it('puts every image into the validation split of one fold, and into the training split of the others', () => {
    const folds = cutFolds(SET, 5, 1);
    const validated = folds.flatMap(({ indices }) => Array.from(indices)).sort((a, b) => a - b);
    expect(validated).toEqual(Array.from({ length: 53 }, (_, i) => i));
    for (const { train, validation, indices } of folds) {
      expect(validation.images).toEqual(Uint8Array.from(indices));
      const both = [...train.images, ...validation.images].sort((a, b) => a - b);
      expect(both).toEqual(validated);
    }
  });

  it('makes folds of even size in which every class has its share', () => {
    const folds = cutFolds(SET, 5, 1);
    expect(folds.map(({ validation }) => validation.count).sort((a, b) => a - b)).toEqual([10, 10, 11, 11, 11]);
    for (const label of [0, 1, 2]) {
      const counts = folds.map(({ validation }) => validation.labels.filter((one) => one === label).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });

  it('depends on the seed', () => {
    const first = (seed: number) => Array.from(cutFolds(SET, 5, seed)[0].indices);
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it.each([1, 54, 2.5])('refuses %d folds', (numFolds) => {
    expect(() => cutFolds(SET, numFolds, 1)).toThrow(
      `cutFolds: numFolds must be a whole number from 2 to 53 images, got ${numFolds}`,
    );
  });
});
