import { type LabelledImages, strokesToImage } from '@digits/data';
import { addHandwriting, concatImages, generateHandwriting } from './handwriting.ts';
import { generateStrokes } from './strokes.ts';
import { HANDWRITING_VARIANTS } from './variants.ts';

describe('generateHandwriting', () => {
  it('lets the digits take turns', () => {
    const made = generateHandwriting({ count: 23, seed: 1, variants: 'training' });
    expect(Array.from(made.labels)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]);
    expect(made).toMatchObject({ count: 23, height: 28, width: 28, channels: 1, numClasses: 10 });
    expect(made.images).toHaveLength(23 * 784);
  });

  it('tells the variant of each image', () => {
    const made = generateHandwriting({ count: 40, seed: 1, variants: 'heldOut' });
    expect(made.labels).toHaveLength(40);
    made.labels.forEach((label, i) => {
      const variant = HANDWRITING_VARIANTS.find(({ name }) => name === made.variants[made.variantIndices[i]]);
      expect(variant).toMatchObject({ digit: label, heldOut: true });
    });
  });

  it('continues the set when asked for more', () => {
    const few = generateHandwriting({ count: 12, seed: 4, variants: 'training' });
    const more = generateHandwriting({ count: 30, seed: 4, variants: 'training' });
    expect(more.images.subarray(0, 12 * 784)).toEqual(few.images);
    expect(more.variantIndices.subarray(0, 12)).toEqual(few.variantIndices);
  });

  it('prepares a drawing as a visitor’s is', () => {
    const made = generateHandwriting({ count: 5, seed: 8, variants: ['nine-hooked'], pictureShare: 0 });
    const expected = Array.from(
      { length: 5 },
      (_, sample) => strokesToImage(generateStrokes('nine-hooked', 8, sample)).image,
    );
    expected.forEach((image, i) => {
      expect(made.images.subarray(i * 784, (i + 1) * 784)).toEqual(image);
    });
  });

  it('draws the share asked for on paper', () => {
    const options = { count: 40, seed: 3, variants: ['five-in-two-strokes'] };
    const drawn = generateHandwriting({ ...options, pictureShare: 0 });
    const mixed = generateHandwriting({ ...options, pictureShare: 0.3 });
    const same = Array.from({ length: 40 }, (_, i) => i).filter((i) =>
      drawn.images.subarray(i * 784, (i + 1) * 784).every((pixel, k) => pixel === mixed.images[i * 784 + k]),
    );
    expect(same.length).toBeGreaterThan(20);
    expect(same.length).toBeLessThan(36);
  });

  it('gives the share asked for a pen of its own', () => {
    const options = { count: 40, seed: 3, variants: ['five-in-two-strokes'], pictureShare: 0 };
    const usual = generateHandwriting(options);
    const mixed = generateHandwriting({ ...options, penShare: 0.3 });
    const same = Array.from({ length: 40 }, (_, i) => i).filter((i) =>
      usual.images.subarray(i * 784, (i + 1) * 784).every((pixel, k) => pixel === mixed.images[i * 784 + k]),
    );
    expect(same.length).toBeGreaterThan(20);
    expect(same.length).toBeLessThan(36);
  });

  it('makes variants as often as their weights say', () => {
    // Weights 2.5 and 1.
    const made = generateHandwriting({
      count: 200,
      seed: 1,
      variants: ['zero-slashed', 'zero-dotted'],
      pictureShare: 0,
    });
    const slashed = made.variantIndices.filter((index) => made.variants[index] === 'zero-slashed').length;
    expect(slashed / 200).toBeCloseTo(2.5 / 3.5, 1);
  });

  it('puts ink into every image', () => {
    const made = generateHandwriting({ count: 50, seed: 6, variants: 'training' });
    for (let i = 0; i < made.count; i++) {
      const image = made.images.subarray(i * 784, (i + 1) * 784);
      expect(Math.max(...image)).toBeGreaterThan(200);
    }
  });

  it('makes nothing when asked for nothing', () => {
    expect(generateHandwriting({ count: 0, seed: 1, variants: 'training' }).images).toHaveLength(0);
  });

  it('refuses options out of range', () => {
    expect(() => generateHandwriting({ count: 1.5, seed: 1, variants: 'training' })).toThrow(
      new RangeError('generateHandwriting: count must be an integer of at least 0, got 1.5'),
    );
    expect(() => generateHandwriting({ count: 1, seed: 1, variants: 'training', pictureShare: 2 })).toThrow(
      new RangeError('generateHandwriting: pictureShare must be in [0, 1], got 2'),
    );
    expect(() => generateHandwriting({ count: 1, seed: 1, variants: 'training', penShare: -1 })).toThrow(
      new RangeError('generateHandwriting: penShare must be in [0, 1], got -1'),
    );
  });
});

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
    const made = generateHandwriting({ count: 10, seed: 5, variants: 'training' });
    const train = generateHandwriting({ count: 3, seed: 1, variants: ['one-plain'] });
    const all = addHandwriting(train, { count: 10, seed: 5 });
    expect(all.count).toBe(13);
    expect(Array.from(all.labels)).toEqual([1, 1, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(all.images.subarray(3 * 784)).toEqual(made.images);
  });
});
