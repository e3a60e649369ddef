import { type LabelledImages, normaliseImages, selectImages, stratifiedSplit } from './labelled-images.ts';

/** 5 zeros, 3 ones, 2 twos, mixed. */
const LABELS = Uint8Array.of(0, 1, 0, 2, 0, 1, 0, 2, 0, 1);

function countByClass(indices: Uint32Array): number[] {
  return [0, 1, 2].map((label) => indices.filter((i) => LABELS[i] === label).length);
}

describe('stratifiedSplit', () => {
  it('gives every index to one of the two, ascending', () => {
    const { train, validation } = stratifiedSplit(LABELS, 3, 4, 1);

    expect([...train, ...validation].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...train]).toEqual([...train].sort((a, b) => a - b));
    expect([...validation]).toEqual([...validation].sort((a, b) => a - b));
  });

  it.each([
    // Quotas of 4: 2, 1.2, 0.8. Of 3: 1.5, 0.9, 0.6. Of 5: 2.5, 1.5, 1: the tie goes to the lower class.
    [4, [2, 1, 1]],
    [3, [1, 1, 1]],
    [5, [3, 1, 1]],
    [0, [0, 0, 0]],
    [9, [4, 3, 2]],
  ])('takes %d by the largest remainders', (size, expected) => {
    expect(countByClass(stratifiedSplit(LABELS, 3, size, 1).validation)).toEqual(expected);
  });

  it('depends on the seed alone', () => {
    const labels = Uint8Array.from({ length: 200 }, (_, i) => i % 4);
    const first = stratifiedSplit(labels, 4, 40, 1);

    expect(stratifiedSplit(labels, 4, 40, 1)).toEqual(first);
    expect(stratifiedSplit(labels, 4, 40, 2)).not.toEqual(first);
  });

  it('never changes: this split is part of the reproducibility contract', () => {
    expect([...stratifiedSplit(LABELS, 3, 4, 1).validation]).toEqual([1, 4, 6, 7]);
  });

  it('takes classes without samples, and no samples at all', () => {
    expect(stratifiedSplit(LABELS, 256, 4, 1)).toEqual(stratifiedSplit(LABELS, 3, 4, 1));
    expect(stratifiedSplit(new Uint8Array(), 3, 0, 1)).toEqual({
      train: new Uint32Array(),
      validation: new Uint32Array(),
    });
  });

  it.each([10, -1, 0.5, Number.NaN])('refuses the size %d', (size) => {
    expect(() => stratifiedSplit(LABELS, 3, size, 1)).toThrow(
      new RangeError(`stratifiedSplit: validationSize must be an integer in [0, 10), got ${size}`),
    );
  });

  it('refuses a label outside the classes', () => {
    expect(() => stratifiedSplit(LABELS, 2, 4, 1)).toThrow(
      new RangeError('stratifiedSplit: labels must be in [0, 2), got 2 at 3'),
    );
  });
});

describe('selectImages', () => {
  const set: LabelledImages = {
    images: Uint8Array.of(1, 2, 3, 4, 5, 6),
    labels: Uint8Array.of(7, 8, 9),
    count: 3,
    height: 1,
    width: 2,
    channels: 1,
    numClasses: 10,
  };

  it('copies images and labels in the order asked for', () => {
    expect(selectImages(set, [2, 0, 2])).toEqual({
      ...set,
      images: Uint8Array.of(5, 6, 1, 2, 5, 6),
      labels: Uint8Array.of(9, 7, 9),
      count: 3,
    });
  });

  it('takes no indices', () => {
    expect(selectImages(set, new Uint32Array()).count).toBe(0);
  });

  it.each([3, -1, 0.5])('refuses the index %d', (index) => {
    expect(() => selectImages(set, [0, index])).toThrow(
      new RangeError(`selectImages: indices must be integers in [0, 3), got ${index} at 1`),
    );
  });
});

describe('normaliseImages', () => {
  it('takes 0 to 0, 255 to 1 and all between in proportion, as float32', () => {
    expect(normaliseImages(Uint8Array.of(0, 51, 128, 255))).toEqual(
      Float32Array.of(0, Math.fround(0.2), Math.fround(128 / 255), 1),
    );
  });

  it('takes clamped arrays, and none at all', () => {
    expect(normaliseImages(Uint8ClampedArray.of(255))).toEqual(Float32Array.of(1));
    expect(normaliseImages(new Uint8Array())).toHaveLength(0);
  });
});
