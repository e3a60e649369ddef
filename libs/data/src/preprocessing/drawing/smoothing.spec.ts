import { gridStep, smoothStroke } from './smoothing.ts';
import type { Stroke } from './stroke.ts';

describe('gridStep', () => {
  it('is the smallest difference of coordinates along a stroke', () => {
    expect(
      gridStep([
        [
          [0, 0],
          [4, 6],
          [4, 9],
        ],
        [
          [1, 1],
          [3, 1],
        ],
      ]),
    ).toBe(2);
  });

  it('is 0 for dots', () => {
    expect(gridStep([[[5, 5]], [[9, 9]]])).toBe(0);
  });
});

describe('smoothStroke', () => {
  it('leaves two points alone', () => {
    const stroke: Stroke = [
      [0, 0],
      [9, 3],
    ];
    expect(smoothStroke(stroke, 1)).toBe(stroke);
  });

  it('keeps the ends', () => {
    const stairs: Stroke = Array.from({ length: 30 }, (_, i) => [Math.ceil(i / 2), Math.floor(i / 2)] as const);
    const smooth = smoothStroke(stairs, 1);
    expect(smooth[0]).toEqual([0, 0]);
    expect(smooth[smooth.length - 1]).toEqual([15, 14]);
  });

  it('brings a staircase to within a tenth of a pixel of the line it stands for, away from the ends', () => {
    const stairs: Stroke = Array.from({ length: 41 }, (_, i) => [Math.ceil(i / 2), Math.floor(i / 2)] as const);
    const off = smoothStroke(stairs, 1)
      .filter(([x]) => x > 3 && x < 17)
      .map(([x, y]) => Math.abs(x - y - 0.5) / Math.SQRT2);
    expect(Math.max(...off)).toBeLessThan(0.1);
  });

  it('rounds an octagon to its circle', () => {
    const octagon: Stroke = Array.from({ length: 9 }, (_, i) => {
      const angle = (i * Math.PI) / 4;
      return [10 * Math.cos(angle), 10 * Math.sin(angle)] as const;
    });
    const radii = smoothStroke(octagon, 0)
      // The first and the last side have a neighbour on one side only.
      .filter(([x, y]) => !(x > 7 && Math.abs(y) < 7.1))
      .map(([x, y]) => Math.hypot(x, y));
    // The octagon's own sides come as near as 9.24 to the middle.
    expect(Math.min(...radii)).toBeGreaterThan(9.85);
    expect(Math.max(...radii)).toBeLessThan(10.15);
  });

  it('keeps straight sides at a right angle straight', () => {
    const corner: Stroke = [
      [0, 0],
      [0, 10],
      [10, 10],
    ];
    const smooth = smoothStroke(corner, 0);
    expect([smooth[0], smooth.at(-1)]).toEqual([corner[0], corner[2]]);
    expect(smooth.filter(([x, y]) => x >= 1e-9 && y <= 10 - 1e-9)).toEqual([]);
  });
});
