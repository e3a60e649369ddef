import { fitDigit, fitDigitAmongOthers } from './digit-image.ts';
import type { Plane } from './plane.ts';

/** A plane of 60x60 with bars: `[left, right, top, bottom]`, the ends not included. */
function barsOf(...bars: readonly (readonly [number, number, number, number])[]): Plane {
  const values = new Float32Array(60 * 60);
  for (const [left, right, top, bottom] of bars) {
    for (let y = top; y < bottom; y++) values.fill(1, y * 60 + left, y * 60 + right);
  }
  return { width: 60, height: 60, values };
}

const rowOf = (image: Uint8Array | null, y: number): number[] => [...(image ?? []).slice(y * 28, (y + 1) * 28)];

/** The edges of the enlarged ink are soft, and are cut off where a digit is alone. */
const SOFT_EDGE = 8;

function expectAlike(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual).toHaveLength(expected.length);
  const difference = Array.from(actual, (value, i) => Math.abs(value - expected[i])).reduce((a, b) => Math.max(a, b));
  expect(difference).toBeLessThanOrEqual(SOFT_EDGE);
}

describe('fitDigitAmongOthers', () => {
  // 6 columns by 40 rows: 3 by 20 in the image, whose strokes need no change.
  const own = barsOf([28, 34, 10, 50]);

  it('places a digit without others as fitDigit does', () => {
    expectAlike(fitDigitAmongOthers(own, own).image ?? [], fitDigit(own).image ?? []);
  });

  it('keeps the ink around the digit at the same scale and in the same place', () => {
    const all = barsOf([28, 34, 10, 50], [44, 50, 10, 50]);
    const row = rowOf(fitDigitAmongOthers(own, all).image, 14);
    const alone = rowOf(fitDigit(own).image, 14);
    // The second bar is 16 columns to the right: 8 in the image.
    const expected = alone.map((value, x) => Math.max(value, x >= 8 ? alone[x - 8] : 0));
    expectAlike(row, expected);
  });

  it('leaves out what is beyond the image', () => {
    const right = barsOf([44, 50, 10, 50]);
    const all = barsOf([44, 50, 10, 50], [0, 10, 0, 60]);
    expectAlike(rowOf(fitDigitAmongOthers(right, all).image, 14), rowOf(fitDigit(right).image, 14));
  });

  it('has no image without ink', () => {
    expect(fitDigitAmongOthers(barsOf(), own)).toEqual({ image: null, steps: [] });
  });
});
