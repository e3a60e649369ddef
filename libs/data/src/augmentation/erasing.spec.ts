import { randomBlock } from '../randomness/random.ts';
import { applyErasing, erasedRectangle } from './erasing.ts';

const SIZE = { height: 9, width: 6 };

function rectangles(probability: number, size: number): ReturnType<typeof erasedRectangle>[] {
  return Array.from({ length: 1000 }, (_, sample) =>
    erasedRectangle({ probability, size }, { seed: 1, purpose: 8, epoch: 0, sample }, SIZE),
  );
}

describe('erasedRectangle', () => {
  it('takes height, width, top and left from words 1 to 4', () => {
    const key = { seed: 4, purpose: 8, epoch: 5, sample: 6 };
    const [, word1, word2, word3] = randomBlock(key);
    const [word4] = randomBlock({ ...key, block: 1 });
    const height = 1 + Math.floor((word1 / 2 ** 32) * 8);
    const width = 1 + Math.floor((word2 / 2 ** 32) * 6);

    expect(erasedRectangle({ probability: 1, size: 8 }, key, SIZE)).toEqual({
      height,
      width,
      top: Math.floor((word3 / 2 ** 32) * (9 - height + 1)),
      left: Math.floor((word4 / 2 ** 32) * (6 - width + 1)),
    });
  });

  it('erases as often as asked', () => {
    expect(rectangles(0, 4).filter((rectangle) => rectangle !== null)).toHaveLength(0);
    expect(rectangles(1, 4).filter((rectangle) => rectangle !== null)).toHaveLength(1000);
    expect(Math.abs(rectangles(0.3, 4).filter((rectangle) => rectangle !== null).length - 300)).toBeLessThan(60);
  });

  it('stays inside the picture and takes every side length and edge', () => {
    const found = rectangles(1, 100).flatMap((rectangle) => rectangle ?? []);

    expect(new Set(found.map(({ height }) => height)).size).toBe(9);
    expect(new Set(found.map(({ width }) => width)).size).toBe(6);
    expect(Math.min(...found.map(({ top, left }) => Math.min(top, left)))).toBe(0);
    expect(Math.max(...found.map(({ top, height }) => top + height))).toBe(9);
    expect(Math.max(...found.map(({ left, width }) => left + width))).toBe(6);
  });
});

describe('applyErasing', () => {
  it('blackens the rectangle in a copy', () => {
    const image = new Uint8Array(12).fill(9);

    const erased = applyErasing(image, { height: 3, width: 4 }, { left: 1, top: 0, width: 2, height: 2 });

    expect([...erased]).toEqual([9, 0, 0, 9, 9, 0, 0, 9, 9, 9, 9, 9]);
    expect([...image]).toEqual(Array(12).fill(9));
  });

  it("leaves a Node Buffer as it was, although a Buffer's slice is no copy", () => {
    const image = Buffer.from([9, 9, 9, 9]);

    applyErasing(image, { height: 2, width: 2 }, { left: 0, top: 0, width: 2, height: 2 });

    expect([...image]).toEqual([9, 9, 9, 9]);
  });
});
