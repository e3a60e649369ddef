import { fillRandomWords, RandomPurpose } from '../random.ts';
import { openRandomStream } from './random-stream.ts';

const KEY = { seed: 7, purpose: RandomPurpose.madeHandwriting, site: 1, sample: 3 };

describe('openRandomStream', () => {
  it('gives the words of the stream in order, over any number of fetches', () => {
    const expected = new Uint32Array(200);
    fillRandomWords(KEY, expected);
    const random = openRandomStream(KEY);
    expect(Array.from({ length: 200 }, () => random.word())).toEqual(Array.from(expected));
  });

  it('draws uniformly between bounds', () => {
    const random = openRandomStream(KEY);
    const drawn = Array.from({ length: 4000 }, () => random.between([-1, 3]));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...drawn)).toBeLessThan(3);
    expect(drawn.reduce((sum, x) => sum + x, 0) / 4000).toBeCloseTo(1, 1);
  });

  it('draws around 0 with the variance of a mean of two uniform numbers', () => {
    const random = openRandomStream(KEY);
    const drawn = Array.from({ length: 8000 }, () => random.around(6));
    expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(6);
    // A triangular distribution on [-a, a] has the variance a^2 / 6.
    expect(drawn.reduce((sum, x) => sum + x * x, 0) / 8000).toBeGreaterThan(5.6);
    expect(drawn.reduce((sum, x) => sum + x * x, 0) / 8000).toBeLessThan(6.4);
  });

  it('hits a chance as often as its probability says', () => {
    const random = openRandomStream(KEY);
    const hits = Array.from({ length: 8000 }, () => random.chance(0.3)).filter((hit) => hit).length;
    expect(hits / 8000).toBeCloseTo(0.3, 1);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  });
});
