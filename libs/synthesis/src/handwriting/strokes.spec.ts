import { createHash } from 'node:crypto';
import { generateStrokes } from './strokes.ts';
import { HANDWRITING_VARIANTS } from './variants.ts';

describe('generateStrokes', () => {
  it('gives the same points for the same arguments, on every machine', () => {
    const hash = createHash('sha256');
    for (const variant of HANDWRITING_VARIANTS) {
      for (let sample = 0; sample < 5; sample++) {
        for (const stroke of generateStrokes(variant, 1, sample)) hash.update(Float64Array.from(stroke.flat()));
      }
    }
    expect(hash.digest('hex')).toBe('fb2284a8a52921e71e68863e4d8eb03a120131b95106ed4c6dc90faf89b7f0e6');
  });

  it('takes a variant by its name', () => {
    const seven = HANDWRITING_VARIANTS.find(({ name }) => name === 'seven-crossed');
    expect(seven && generateStrokes(seven, 3, 4)).toEqual(generateStrokes('seven-crossed', 3, 4));
  });

  it('differs from sample to sample and from seed to seed', () => {
    const strokes = generateStrokes('two-plain', 1, 0);
    expect(generateStrokes('two-plain', 1, 1)).not.toEqual(strokes);
    expect(generateStrokes('two-plain', 2, 0)).not.toEqual(strokes);
  });

  it('draws the template itself at strength 0, upright about its middle', () => {
    const [stem] = generateStrokes('one-plain', 1, 0, { strength: 0 });
    expect(stem[0].slice(0, 2)).toEqual([0, -50]);
    expect(stem[stem.length - 1].slice(0, 2)).toEqual([0, 50]);
    for (const [x] of stem) expect(x).toBeCloseTo(0, 12);
  });

  it('leans to the right as far as the variant lets it, and no further', () => {
    const lean = (sample: number): number => {
      const [stem] = generateStrokes('one-upstroke-foot', 5, sample, { strength: 1 });
      const apex = stem.reduce((highest, point) => (point[1] < highest[1] ? point : highest));
      const foot = stem[stem.length - 1];
      return (apex[0] - foot[0]) / (foot[1] - apex[1]);
    };
    const leans = Array.from({ length: 200 }, (_, sample) => lean(sample));
    // Slant in [-0.1, 0.25], a turn of up to 0.14, and jitter of both ends.
    expect(Math.min(...leans)).toBeGreaterThan(-0.45);
    expect(Math.max(...leans)).toBeLessThan(0.6);
  });

  it('makes as many strokes as the variant has, each of at least two points with finite numbers', () => {
    for (const variant of HANDWRITING_VARIANTS) {
      const strokes = generateStrokes(variant, 11, 0);
      expect(strokes).toHaveLength(variant.strokes.length);
      for (const stroke of strokes) {
        expect(stroke.length).toBeGreaterThanOrEqual(2);
        expect(stroke.flat().every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('tells the pressure in some drawings and not in others', () => {
    const withPressure = Array.from({ length: 100 }, (_, sample) => generateStrokes('one-plain', 1, sample)[0]).filter(
      ([point]) => point.length === 3,
    );
    expect(withPressure.length).toBeGreaterThan(40);
    expect(withPressure.length).toBeLessThan(80);
    for (const stroke of withPressure) {
      for (const [, , pressure = Number.NaN] of stroke) {
        expect(pressure).toBeGreaterThan(0);
        expect(pressure).toBeLessThanOrEqual(1);
      }
    }
  });

  it('refuses a strength out of range and unknown variants', () => {
    expect(() => generateStrokes('one-plain', 1, 0, { strength: 3 })).toThrow(
      new RangeError('generateStrokes: strength must be in [0, 2], got 3'),
    );
    expect(() => generateStrokes('one-plane', 1, 0)).toThrow(/selectVariants: names must be .* got 'one-plane'/);
  });
});
