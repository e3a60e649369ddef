import { drawStrokes } from './rendering.ts';

describe('drawStrokes', () => {
  it('covers each pixel as far as the ink does, for a bar along the grid', () => {
    // 3 wide from x = 2.25 to 5.25: a quarter of pixel 2 is left out, a quarter of pixel 5 is covered.
    const image = drawStrokes(
      [
        [
          [3.75, -10],
          [3.75, 20],
        ],
      ],
      8,
      1,
      () => 1.5,
    );
    expect([...image]).toEqual([0, 0, 191, 255, 255, 64, 0, 0]);
  });

  it('widens a stroke between points of different radius', () => {
    const image = drawStrokes(
      [
        [
          [0, 4],
          [16, 4, 1],
        ],
      ],
      16,
      8,
      ([, , pressure = 0]) => 0.5 + 2 * pressure,
    );
    const inkIn = (column: number): number => {
      let sum = 0;
      for (let row = 0; row < 8; row++) sum += image[row * 16 + column];
      return sum / 255;
    };
    expect(inkIn(2)).toBeCloseTo(1.6, 0);
    expect(inkIn(13)).toBeCloseTo(4.4, 0);
  });
});
