import fc from 'fast-check';
import { distances } from './distance.ts';

/** By trying every pixel. */
function slowDistance(mask: Uint8Array, width: number, height: number, x: number, y: number, inside: number): number {
  let nearest = Infinity;
  for (let row = -1; row <= height; row++) {
    for (let column = -1; column <= width; column++) {
      const isOutside = row < 0 || column < 0 || row === height || column === width;
      if (isOutside ? inside === 1 : mask[row * width + column] !== inside) {
        nearest = Math.min(nearest, Math.hypot(column - x, row - y));
      }
    }
  }
  return nearest;
}

describe('distances', () => {
  it('are those to the nearest pixel on the other side', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 9, maxLength: 81 }),
        fc.constantFrom(0 as const, 1 as const),
        (width, bits, inside) => {
          const height = Math.floor(bits.length / width);
          const mask = Uint8Array.from(bits.slice(0, width * height));
          // Paper alone has no ink to be far from.
          fc.pre(mask.includes(1 - inside) || inside === 1);
          const result = distances(mask, width, height, inside);
          for (let i = 0; i < mask.length; i++) {
            const expected =
              mask[i] === inside ? slowDistance(mask, width, height, i % width, Math.floor(i / width), inside) : 0;
            expect(result[i]).toBeCloseTo(expected, 5);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
