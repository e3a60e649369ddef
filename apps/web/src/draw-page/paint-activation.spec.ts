import { paintActivation } from './paint-activation.ts';

const pixel = (pixels: Uint8ClampedArray, i: number) => [...pixels.subarray(i * 4, i * 4 + 4)];

describe('paintActivation', () => {
  it('lays channels side by side with a gap, the largest value brightest', () => {
    // Channel 0 is [[1, 0]], channel 1 is [[-2, 0]].
    const { width, height, pixels } = paintActivation([1, 2, 2], Float32Array.of(1, -2, 0, 0));
    expect([width, height]).toEqual([5, 1]);
    expect([0, 1, 2, 3].map((i) => pixel(pixels, i))).toEqual([
      [128, 69, 48, 255],
      [0, 0, 0, 255],
      [34, 33, 30, 255],
      [96, 170, 250, 255],
    ]);
  });

  it('lays ten units in one row', () => {
    const { width, height } = paintActivation([10], new Float32Array(10));
    expect([width, height]).toEqual([19, 1]);
  });
});
