import fc from 'fast-check';
import { closing } from './contrast.ts';
import type { Plane } from './plane.ts';

/** By trying every pixel of the square. */
function slowSlide({ width, height, values }: Plane, radius: number, pick: (...values: number[]) => number): Plane {
  const out = values.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const near = [...values].filter(
      (__, j) => Math.abs((j % width) - x) <= radius && Math.abs(Math.floor(j / width) - y) <= radius,
    );
    return pick(...near);
  });
  return { width, height, values: out };
}

describe('closing', () => {
  it('is the smallest of the largest values in the square', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 8, maxLength: 64 }),
        fc.integer({ min: 0, max: 4 }),
        (width, numbers, radius) => {
          const height = Math.floor(numbers.length / width);
          const plane = { width, height, values: Float32Array.from(numbers.slice(0, width * height)) };
          const expected = slowSlide(slowSlide(plane, radius, Math.max), radius, Math.min);
          expect(closing(plane, radius)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });
});
