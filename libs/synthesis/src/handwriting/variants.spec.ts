import { parsePath } from './bezier-path.ts';
import { HANDWRITING_VARIANTS, selectVariants } from './variants.ts';

const DIGIT_NAMES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

describe('HANDWRITING_VARIANTS', () => {
  it('names each variant once, after its digit', () => {
    const names = HANDWRITING_VARIANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, digit } of HANDWRITING_VARIANTS) expect(name.split('-')[0]).toBe(DIGIT_NAMES[digit]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'has variants of %d to train with and at least two that are held out',
    (digit) => {
      const own = HANDWRITING_VARIANTS.filter((variant) => variant.digit === digit);
      expect(own.filter(({ heldOut }) => heldOut).length).toBeGreaterThanOrEqual(2);
      expect(own.filter(({ heldOut }) => !heldOut).length).toBeGreaterThanOrEqual(5);
    },
  );

  it.each(HANDWRITING_VARIANTS)('$name lies in its box and closes its rings', ({ strokes, rings = [], weight }) => {
    expect(weight).toBeGreaterThan(0);
    strokes.map(parsePath).forEach((knots, i) => {
      for (const { x, y } of knots) {
        expect(Math.abs(x - 35)).toBeLessThanOrEqual(52);
        expect(Math.abs(y - 50)).toBeLessThanOrEqual(60);
      }
      const last = knots[knots.length - 1];
      if (rings.includes(i)) expect([last.x, last.y]).toEqual([knots[0].x, knots[0].y]);
    });
    expect(rings.every((ring) => ring < strokes.length)).toBe(true);
  });
});

describe('selectVariants', () => {
  it('parts the variants into training ones and held-out ones', () => {
    const training = selectVariants('training');
    const heldOut = selectVariants('heldOut');
    expect(training.length + heldOut.length).toBe(HANDWRITING_VARIANTS.length);
    expect(training.some((variant) => heldOut.includes(variant))).toBe(false);
  });

  it('finds variants by name, in the order asked for', () => {
    const found = selectVariants(['seven-crossed', 'one-plain']);
    expect(found.map(({ name, digit }) => [name, digit])).toEqual([
      ['seven-crossed', 7],
      ['one-plain', 1],
    ]);
  });

  it('refuses unknown names and none', () => {
    expect(() => selectVariants(['seven-cross'])).toThrow(
      new RangeError(
        "selectVariants: names must be 'training', 'heldOut' or names of HANDWRITING_VARIANTS, got 'seven-cross'",
      ),
    );
    expect(() => selectVariants([])).toThrow(new RangeError('selectVariants: names must hold at least one, got none'));
  });
});
