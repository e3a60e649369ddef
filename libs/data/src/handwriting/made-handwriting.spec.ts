import { strokesToImage } from '../strokes/strokes-to-image.ts';
import { madeHandwriting } from './made-handwriting.ts';
import { makeStrokes } from './made-strokes.ts';
import { HANDWRITING_VARIANTS } from './variants.ts';

describe('madeHandwriting', () => {
  it('lets the digits take turns', () => {
    const made = madeHandwriting({ count: 23, seed: 1, variants: 'training' });
    expect(Array.from(made.labels)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]);
    expect(made).toMatchObject({ count: 23, height: 28, width: 28, channels: 1, numClasses: 10 });
    expect(made.images).toHaveLength(23 * 784);
  });

  it('tells the variant of each image', () => {
    const made = madeHandwriting({ count: 40, seed: 1, variants: 'heldOut' });
    expect(made.labels).toHaveLength(40);
    made.labels.forEach((label, i) => {
      const variant = HANDWRITING_VARIANTS.find(({ name }) => name === made.variants[made.variantIndices[i]]);
      expect(variant).toMatchObject({ digit: label, heldOut: true });
    });
  });

  it('continues the set when asked for more', () => {
    const few = madeHandwriting({ count: 12, seed: 4, variants: 'training' });
    const more = madeHandwriting({ count: 30, seed: 4, variants: 'training' });
    expect(more.images.subarray(0, 12 * 784)).toEqual(few.images);
    expect(more.variantIndices.subarray(0, 12)).toEqual(few.variantIndices);
  });

  it('prepares a drawing as a visitor’s is', () => {
    const made = madeHandwriting({ count: 5, seed: 8, variants: ['nine-hooked'], pictureShare: 0 });
    const expected = Array.from(
      { length: 5 },
      (_, sample) => strokesToImage(makeStrokes('nine-hooked', 8, sample)).image,
    );
    expected.forEach((image, i) => {
      expect(made.images.subarray(i * 784, (i + 1) * 784)).toEqual(image);
    });
  });

  it('draws the share asked for on paper', () => {
    const options = { count: 40, seed: 3, variants: ['five-in-two-strokes'] };
    const drawn = madeHandwriting({ ...options, pictureShare: 0 });
    const mixed = madeHandwriting({ ...options, pictureShare: 0.3 });
    const same = Array.from({ length: 40 }, (_, i) => i).filter((i) =>
      drawn.images.subarray(i * 784, (i + 1) * 784).every((pixel, k) => pixel === mixed.images[i * 784 + k]),
    );
    expect(same.length).toBeGreaterThan(20);
    expect(same.length).toBeLessThan(36);
  });

  it('gives the share asked for a pen of its own', () => {
    const options = { count: 40, seed: 3, variants: ['five-in-two-strokes'], pictureShare: 0 };
    const usual = madeHandwriting(options);
    const mixed = madeHandwriting({ ...options, penShare: 0.3 });
    const same = Array.from({ length: 40 }, (_, i) => i).filter((i) =>
      usual.images.subarray(i * 784, (i + 1) * 784).every((pixel, k) => pixel === mixed.images[i * 784 + k]),
    );
    expect(same.length).toBeGreaterThan(20);
    expect(same.length).toBeLessThan(36);
  });

  it('makes variants as often as their weights say', () => {
    // Weights 2.5 and 1.
    const made = madeHandwriting({ count: 200, seed: 1, variants: ['zero-slashed', 'zero-dotted'], pictureShare: 0 });
    const slashed = made.variantIndices.filter((index) => made.variants[index] === 'zero-slashed').length;
    expect(slashed / 200).toBeCloseTo(2.5 / 3.5, 1);
  });

  it('puts ink into every image', () => {
    const made = madeHandwriting({ count: 50, seed: 6, variants: 'training' });
    for (let i = 0; i < made.count; i++) {
      const image = made.images.subarray(i * 784, (i + 1) * 784);
      expect(Math.max(...image)).toBeGreaterThan(200);
    }
  });

  it('makes nothing when asked for nothing', () => {
    expect(madeHandwriting({ count: 0, seed: 1, variants: 'training' }).images).toHaveLength(0);
  });

  it('refuses options out of range', () => {
    expect(() => madeHandwriting({ count: 1.5, seed: 1, variants: 'training' })).toThrow(
      new RangeError('madeHandwriting: count must be an integer of at least 0, got 1.5'),
    );
    expect(() => madeHandwriting({ count: 1, seed: 1, variants: 'training', pictureShare: 2 })).toThrow(
      new RangeError('madeHandwriting: pictureShare must be in [0, 1], got 2'),
    );
    expect(() => madeHandwriting({ count: 1, seed: 1, variants: 'training', penShare: -1 })).toThrow(
      new RangeError('madeHandwriting: penShare must be in [0, 1], got -1'),
    );
  });
});
