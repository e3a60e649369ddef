import type { Plane } from './plane.ts';
import { fitShading, shadingPlane } from './shading.ts';

const paint = (width: number, height: number, shade: (x: number, y: number) => number): Plane => ({
  width,
  height,
  values: Float32Array.from({ length: width * height }, (_, i) => shade(i % width, Math.floor(i / width))),
});

/** The largest gap between a plane and the surface that was fitted to it. */
function largestGap(plane: Plane, shareBelow = 0.5): number {
  const { values } = shadingPlane(fitShading(plane, shareBelow), plane.width, plane.height);
  return Math.max(...values.map((value, i) => Math.abs(value - plane.values[i])));
}

describe('fitShading', () => {
  it('finds a quadratic surface again, in x and y from -1 to 1', () => {
    // 41 pixels: x = (column - 20) / 20.
    const plane = paint(41, 41, (column, row) => {
      const [x, y] = [(column - 20) / 20, (row - 20) / 20];
      return 100 + 20 * x - 10 * y + 5 * x * x + 4 * x * y - 3 * y * y;
    });
    fitShading(plane, 0.5).forEach((coefficient, i) => {
      expect(coefficient).toBeCloseTo([100, 20, -10, 5, 4, -3][i], 3);
    });
    expect(largestGap(plane)).toBeLessThan(1e-3);
  });

  it('is not bent by ink that covers less than its share', () => {
    const plane = paint(40, 40, (column, row) => (column >= 5 && column < 11 && row >= 8 && row < 32 ? 20 : 200));
    const { values } = shadingPlane(fitShading(plane, 0.3), 40, 40);
    // The mean is 16 below the paper: 144 of 1,600 pixels are 180 darker.
    expect(Math.abs(values[0] - 200)).toBeLessThan(4);
    expect(Math.abs(values[20 * 40 + 8] - 200)).toBeLessThan(4);
  });

  it.each([
    ['two columns, which cannot tell x from x^2', 2, 40],
    ['one column', 1, 40],
    ['one row', 40, 1],
    ['one pixel', 1, 1],
  ])('leaves out what %s cannot tell', (_, width, height) => {
    expect(largestGap(paint(width, height, (column, row) => 50 + 3 * column + 2 * row))).toBeLessThan(1e-3);
  });
});
