import { type Contour, fillContours } from './fill-contours.ts';

const rows = (pixels: Uint8Array, width: number): number[][] =>
  Array.from({ length: pixels.length / width }, (_, y) => [...pixels.subarray(y * width, (y + 1) * width)]);

const box = (left: number, top: number, right: number, bottom: number): Contour => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

const reversed = (contour: Contour): Contour => [...contour].reverse();

describe('fillContours', () => {
  it('fills whole pixels fully', () => {
    expect(rows(fillContours([box(1, 1, 3, 2)], 4, 3), 4)).toEqual([
      [0, 0, 0, 0],
      [0, 255, 255, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('gives a pixel the share of it that is covered', () => {
    // A quarter along x (64 of 255), two of five lines along y (102), and both (25.5, rounded up).
    expect(rows(fillContours([box(0.75, 0.6, 2, 2)], 2, 2), 2)).toEqual([
      [26, 102],
      [64, 255],
    ]);
  });

  it('covers half of a pixel that an edge runs through', () => {
    const triangle: Contour = [
      [0, 0],
      [2, 0],
      [0, 2],
    ];
    const [corner, right, below, outside] = fillContours([triangle], 2, 2);
    expect([corner, outside]).toEqual([255, 0]);
    expect(Math.abs(right - 127.5)).toBeLessThan(1);
    expect(Math.abs(below - 127.5)).toBeLessThan(1);
  });

  it('leaves out what is wound around backwards', () => {
    expect(rows(fillContours([box(0, 0, 3, 3), reversed(box(1, 1, 2, 2))], 3, 3), 3)).toEqual([
      [255, 255, 255],
      [255, 0, 255],
      [255, 255, 255],
    ]);
  });

  it('fills overlapping outlines once', () => {
    expect(rows(fillContours([box(0, 0, 2, 1), box(1, 0, 3, 1)], 3, 1), 3)).toEqual([[255, 255, 255]]);
  });

  it('fills outlines of either direction', () => {
    expect(fillContours([reversed(box(0, 0, 1, 1))], 2, 1)).toEqual(Uint8Array.of(255, 0));
  });

  it('cuts off what lies outside', () => {
    expect(rows(fillContours([box(-5, -5, 1, 9)], 2, 2), 2)).toEqual([
      [255, 0],
      [255, 0],
    ]);
  });

  it('leaves the picture black without outlines', () => {
    expect(fillContours([], 2, 1)).toEqual(Uint8Array.of(0, 0));
  });
});
