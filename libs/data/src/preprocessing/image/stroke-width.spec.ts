import fc from 'fast-check';
import { labelComponents } from './components.ts';
import { distances, measureStrokeWidth, thickenStrokes, thinStrokes } from './stroke-width.ts';

const SIDE = 80;

function bar(thickness: number): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return x >= 5 && x < 75 && y >= 30 && y < 30 + thickness ? 1 : 0;
  });
}

describe('measureStrokeWidth', () => {
  it.each([4, 8, 12])('measures a bar %i pixels thick to within its ends’ share', (thickness) => {
    expect(Math.abs(measureStrokeWidth(bar(thickness), SIDE, SIDE) / thickness - 1)).toBeLessThan(0.1);
  });

  it('is 0 for an empty mask', () => {
    expect(measureStrokeWidth(new Uint8Array(9), 3, 3)).toBe(0);
  });
});

describe('thickenStrokes', () => {
  it('adds as much on every side', () => {
    const column = (values: Float32Array): number => {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += values[y * SIDE + 40];
      return sum;
    };
    expect(column(thickenStrokes(bar(6), SIDE, SIDE, 2))).toBe(10);
    expect(column(thickenStrokes(bar(6), SIDE, SIDE, 1.5))).toBe(9);
  });

  it('covers each pixel by its distance to the nearest ink', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 9, maxLength: 81 }),
        fc.integer({ min: 1, max: 6 }),
        (width, values, growth) => {
          const height = Math.floor(values.length / width);
          const mask = Uint8Array.from(values.slice(0, width * height), (value) => (value === 0 ? 1 : 0));
          const result = thickenStrokes(mask, width, height, growth);
          for (let i = 0; i < mask.length; i++) {
            const distance = slowDistance(mask, width, height, i % width, Math.floor(i / width), 0);
            expect(result[i]).toBeCloseTo(Math.min(1, Math.max(0, growth + 1 - distance)), 5);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('thinStrokes', () => {
  it('takes as much off every side', () => {
    const thin = thinStrokes(bar(12), SIDE, SIDE, 3);
    let sum = 0;
    for (let y = 0; y < SIDE; y++) sum += thin[y * SIDE + 40];
    expect(sum).toBe(6);
  });

  it('keeps a thin stroke whole', () => {
    const thin = thinStrokes(bar(2), SIDE, SIDE, 3);
    const { components } = labelComponents(thin, SIDE, SIDE);
    expect(components).toHaveLength(1);
    expect(components[0].width).toBeGreaterThan(61);
  });

  it('keeps holes and opens none', () => {
    const ring = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
      const radius = Math.hypot((i % SIDE) - 40, Math.floor(i / SIDE) - 40);
      return radius > 6 && radius < 22 ? 1 : 0;
    });
    const thin = thinStrokes(ring, SIDE, SIDE, 9);
    expect(labelComponents(thin, SIDE, SIDE).components).toHaveLength(1);
    // Paper joins at sides only where ink joins at corners too: flooded from the hole, it must not get out.
    const reached = new Set([40 * SIDE + 40]);
    for (const i of reached) {
      for (const j of [i - 1, i + 1, i - SIDE, i + SIDE]) if (thin[j] === 0) reached.add(j);
    }
    expect(reached.has(0)).toBe(false);
  });
});

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
