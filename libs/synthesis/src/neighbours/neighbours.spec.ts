import type { LabelledImages } from '@digits/data';
import { generateNeighbours } from './neighbours.ts';

const SIDE = 28;

/** A digit of one class per bar height: a bar of 4 columns in the middle, `label + 10` pixels high. */
const BARS: LabelledImages = (() => {
  const images = new Uint8Array(10 * SIDE * SIDE);
  for (let label = 0; label < 10; label++) {
    const top = 9 - Math.floor(label / 2);
    for (let y = top; y < top + 10 + label; y++)
      images.fill(255, (label * SIDE + y) * SIDE + 12, (label * SIDE + y) * SIDE + 16);
  }
  return {
    images,
    labels: Uint8Array.from({ length: 10 }, (_, i) => i),
    count: 10,
    height: SIDE,
    width: SIDE,
    channels: 1,
    numClasses: 10,
  };
})();

/** A bar of 16 columns, so that a window fits between neighbours; its two middle columns are brighter. */
const BLOCK: LabelledImages = (() => {
  const images = new Uint8Array(SIDE * SIDE);
  for (let y = 4; y < 24; y++) {
    images.fill(200, y * SIDE + 6, y * SIDE + 22);
    images.fill(255, y * SIDE + 13, y * SIDE + 15);
  }
  return { images, labels: Uint8Array.of(3), count: 1, height: SIDE, width: SIDE, channels: 1, numClasses: 10 };
})();

const imageOf = ({ images }: LabelledImages, i: number): Uint8Array =>
  images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE);

const columnHas = (image: Uint8Array, x: number): boolean =>
  Array.from({ length: SIDE }, (_, y) => image[y * SIDE + x]).some((value) => value > 0);

describe('generateNeighbours', () => {
  it('keeps the digit in the middle, up to a pixel to either side, and its label', () => {
    const made = generateNeighbours(BARS, { count: 100, seed: 5 });
    expect(made.numClasses).toBe(11);
    for (let i = 0; i < 100; i++) {
      const label = made.labels[i];
      if (label === 10) continue;
      const image = imageOf(made, i);
      // Columns 13 and 14 belong to the bar even if it is off by one.
      const height = Array.from({ length: SIDE }, (_, y) => image[y * SIDE + 13]).filter((value) => value > 0).length;
      expect(height).toBeGreaterThanOrEqual(10 + label);
    }
  });

  it('puts ink beside the digit', () => {
    const { images, count } = generateNeighbours(BARS, { count: 50, seed: 5 });
    const hasNeighbour = Array.from({ length: count }, (_, i) => imageOf({ ...BARS, images }, i)).map((image) =>
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27].some((x) => columnHas(image, x)),
    );
    expect(hasNeighbour.filter(Boolean).length).toBeGreaterThan(40);
  });

  it('gives windows that show no digit in the middle the last class', () => {
    const made = generateNeighbours(BLOCK, { count: 200, seed: 8 });
    const isCentre = (x: number): boolean => x >= 12 && x <= 15;
    for (let i = 0; i < made.count; i++) {
      const row = imageOf(made, i).subarray(14 * SIDE, 15 * SIDE);
      const centres = [...row.keys()].filter((x) => row[x] === 255);
      expect(centres.some(isCentre)).toBe(made.labels[i] === 3);
    }
    const numMisplaced = made.labels.filter((label) => label === 10).length;
    expect(numMisplaced).toBeGreaterThan(40);
    expect(numMisplaced).toBeLessThan(100);
  });

  it('depends on seed and index alone', () => {
    const all = generateNeighbours(BARS, { count: 20, seed: 1 });
    const fewer = generateNeighbours(BARS, { count: 8, seed: 1 });
    expect(fewer.images).toEqual(all.images.subarray(0, 8 * SIDE * SIDE));
    expect(generateNeighbours(BARS, { count: 8, seed: 2 }).images).not.toEqual(fewer.images);
  });

  it('refuses digits of another size, none at all, and half an image', () => {
    expect(() => generateNeighbours({ ...BARS, height: 20 }, { count: 1, seed: 1 })).toThrow(
      new RangeError('generateNeighbours: digits must be 28x28x1, got 20x28x1; resize them first'),
    );
    expect(() => generateNeighbours({ ...BARS, count: 0 }, { count: 1, seed: 1 })).toThrow(
      new RangeError('generateNeighbours: digits must be at least 1, got 0'),
    );
    expect(() => generateNeighbours(BARS, { count: 0.5, seed: 1 })).toThrow(
      new RangeError('generateNeighbours: count must be an integer of at least 0, got 0.5'),
    );
  });
});
