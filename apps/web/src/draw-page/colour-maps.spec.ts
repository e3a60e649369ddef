import { paintActivation, paintEvidence } from './colour-maps.ts';

const pixel = (pixels: Uint8ClampedArray, i: number) => [...pixels.subarray(i * 4, i * 4 + 4)];

describe('paintEvidence', () => {
  const image = Uint8Array.of(0, 200, 200, 200);

  it('shows the digit dimly where nothing speaks for or against', () => {
    const pixels = paintEvidence(image, Float32Array.of(0, 0, 0, 0), 1);
    expect([pixel(pixels, 0), pixel(pixels, 1)]).toEqual([
      [0, 0, 0, 255],
      [84, 84, 84, 255],
    ]);
  });

  it('colours full evidence one way or the other', () => {
    const pixels = paintEvidence(image, Float32Array.of(2, -2, 5, 0), 2);
    expect([0, 1, 2].map((i) => pixel(pixels, i))).toEqual([
      [255, 138, 95, 255],
      [96, 170, 250, 255],
      [255, 138, 95, 255],
    ]);
  });

  it('shows the digit alone where there is no evidence at all', () => {
    expect(pixel(paintEvidence(image, new Float32Array(4), 0), 1)).toEqual([84, 84, 84, 255]);
  });
});

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
