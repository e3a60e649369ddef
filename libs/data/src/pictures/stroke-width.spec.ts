import { labelComponents } from './components.ts';
import { measureStrokeWidth, thickenStrokes, thinStrokes } from './stroke-width.ts';

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
    expect(components[0].right - components[0].left).toBeGreaterThan(60);
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
