import type { LabelledImages } from '@digits/data';
import { addNegatives, generateNegatives, NEGATIVE_KINDS, type NegativeKind } from './negatives.ts';

const SHAPE = { height: 28, width: 28, channels: 1 };

/** Six digits, each a bar 6 wide and 20 high. */
const DIGITS: LabelledImages = {
  ...SHAPE,
  images: Uint8Array.from({ length: 6 * 784 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor((i % 784) / 28)];
    return x >= 11 && x < 17 && y >= 4 && y < 24 ? 255 : 0;
  }),
  labels: Uint8Array.of(0, 1, 2, 3, 4, 5),
  count: 6,
  numClasses: 10,
};

const imageOf = (images: Uint8Array, i: number): Uint8Array => images.subarray(i * 784, (i + 1) * 784);

/** Jest compares large arrays one element at a time, with some ceremony. */
const areSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const countOf = (kinds: readonly NegativeKind[], kind: NegativeKind): number =>
  kinds.filter((made) => made === kind).length;

describe('generateNegatives', () => {
  it('gives the same images for the same seed', () => {
    const first = generateNegatives(DIGITS, { count: 40, seed: 3 });
    expect(areSame(generateNegatives(DIGITS, { count: 40, seed: 3 }).images, first.images)).toBe(true);
    expect(areSame(generateNegatives(DIGITS, { count: 40, seed: 4 }).images, first.images)).toBe(false);
  });

  it('gives each image whatever the count', () => {
    const few = generateNegatives(DIGITS, { count: 10, seed: 3 });
    const many = generateNegatives(DIGITS, { count: 30, seed: 3 });
    expect(areSame(many.images.subarray(0, 10 * 784), few.images)).toBe(true);
    expect(many.kinds.slice(0, 10)).toEqual(few.kinds);
  });

  it('makes letters and silhouettes more often than the rest', () => {
    const { kinds } = generateNegatives(DIGITS, { count: 300, seed: 1 });
    // Of 300, 42% and 14% are expected; four standard deviations are 34 and 24.
    expect(Math.abs(countOf(kinds, 'letter') - 126)).toBeLessThan(34);
    expect(Math.abs(countOf(kinds, 'silhouette') - 42)).toBeLessThan(24);
    expect(new Set(kinds)).toEqual(new Set(NEGATIVE_KINDS));
  });

  it.each(NEGATIVE_KINDS)('makes %s alone, for training and for validation, never alike', (kind) => {
    const train = generateNegatives(DIGITS, { count: 20, seed: 1, kinds: [kind] });
    const validation = generateNegatives(DIGITS, { count: 20, seed: 1, kinds: [kind], fold: 'validation' });
    expect(train.kinds).toEqual(Array.from({ length: 20 }, () => kind));
    expect(validation.kinds).toEqual(train.kinds);
    expect(areSame(validation.images, train.images)).toBe(false);
  });

  it.each(NEGATIVE_KINDS.filter((kind) => !['blank', 'noise', 'texture'].includes(kind)))(
    'leaves something to see on each %s',
    (kind) => {
      const { images } = generateNegatives(DIGITS, { count: 30, seed: 2, kinds: [kind] });
      for (let i = 0; i < 30; i++) {
        const image = imageOf(images, i);
        expect(Math.max(...image) - Math.min(...image)).toBeGreaterThan(10);
      }
    },
  );

  it('makes blanks of one brightness, but for at most four specks', () => {
    const { images } = generateNegatives(DIGITS, { count: 30, seed: 2, kinds: ['blank'] });
    for (let i = 0; i < 30; i++) {
      const sorted = [...imageOf(images, i)].sort((a, b) => a - b);
      const numOther = sorted.filter((value) => value !== sorted[392]).length;
      expect(numOther).toBeLessThanOrEqual(4);
    }
  });

  it('makes none when none is asked for', () => {
    expect(generateNegatives(DIGITS, { count: 0, seed: 1 })).toEqual({ images: new Uint8Array(0), kinds: [] });
  });

  it('refuses digits of another size', () => {
    const wide = { ...DIGITS, width: 32 };
    expect(() => generateNegatives(wide, { count: 1, seed: 1 })).toThrow(
      'generateNegatives: digits must be 28x28x1, got 28x32x1; bring them to that size first',
    );
  });

  it('refuses to cut pieces from nothing', () => {
    const none = { ...DIGITS, images: new Uint8Array(0), labels: new Uint8Array(0), count: 0 };
    expect(() => generateNegatives(none, { count: 1, seed: 1 })).toThrow(
      'generateNegatives: digits must be at least 1, got 0',
    );
  });

  it('refuses a count that is none', () => {
    expect(() => generateNegatives(DIGITS, { count: -1, seed: 1 })).toThrow(
      'generateNegatives: count must be a whole number of at least 0, got -1',
    );
  });

  it('refuses an empty list of kinds', () => {
    expect(() => generateNegatives(DIGITS, { count: 1, seed: 1, kinds: [] })).toThrow(
      'generateNegatives: kinds must name at least one, got none',
    );
  });
});

describe('addNegatives', () => {
  it('adds a class after the digits, which stay as they are', () => {
    const { images, labels, count, numClasses } = addNegatives(DIGITS, { share: 0.25, seed: 1 });
    expect(count).toBe(8);
    expect(numClasses).toBe(11);
    expect([...labels]).toEqual([0, 1, 2, 3, 4, 5, 10, 10]);
    expect(areSame(images.subarray(0, 6 * 784), DIGITS.images)).toBe(true);
    expect(areSame(images.subarray(6 * 784), generateNegatives(DIGITS, { count: 2, seed: 1 }).images)).toBe(true);
  });

  it('adds the class even where it adds no image', () => {
    const { count, numClasses } = addNegatives(DIGITS, { share: 0, seed: 1 });
    expect([count, numClasses]).toEqual([6, 11]);
  });

  it('adds what training never saw to a validation split', () => {
    const { images } = addNegatives(DIGITS, { share: 0.25, seed: 1, fold: 'validation' });
    const made = generateNegatives(DIGITS, { count: 2, seed: 1, fold: 'validation' });
    expect(areSame(images.subarray(6 * 784), made.images)).toBe(true);
  });

  it.each([-0.1, 1, Number.NaN])('refuses a share of %s', (share) => {
    expect(() => addNegatives(DIGITS, { share, seed: 1 })).toThrow(
      `addNegatives: share must be in [0, 1), got ${share}`,
    );
  });

  it('refuses digits of another size', () => {
    expect(() => addNegatives({ ...DIGITS, channels: 3 }, { share: 0.1, seed: 1 })).toThrow(
      'addNegatives: digits must be 28x28x1, got 28x28x3; bring them to that size first',
    );
  });
});
