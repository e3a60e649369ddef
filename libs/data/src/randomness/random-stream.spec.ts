import { openRandomStream } from './random-stream.ts';
import { fillRandomWords, RandomPurpose, uniformFromWord } from './random.ts';

const KEY = { seed: 7, purpose: RandomPurpose.handwriting, site: 1, sample: 3 };

describe('openRandomStream', () => {
  it('gives the words of the stream in order, over any number of fetches', () => {
    const expected = new Uint32Array(200);
    fillRandomWords(KEY, expected);
    const random = openRandomStream(KEY);
    expect(Array.from({ length: 200 }, () => random.word())).toEqual(Array.from(expected));
  });

  it('draws around 0 with the variance of a mean of two uniform numbers', () => {
    const random = openRandomStream(KEY);
    const drawn = Array.from({ length: 8000 }, () => random.around(6));
    expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(6);
    // A triangular distribution on [-a, a] has the variance a^2 / 6.
    expect(drawn.reduce((sum, x) => sum + x * x, 0) / 8000).toBeGreaterThan(5.6);
    expect(drawn.reduce((sum, x) => sum + x * x, 0) / 8000).toBeLessThan(6.4);
  });

  it('takes one word of the stream a draw, past the end of its buffer too', () => {
    const words = new Uint32Array(140);
    fillRandomWords(KEY, words);
    const random = openRandomStream(KEY);
    expect(Array.from(words, () => random.uniform(0, 1))).toEqual(Array.from(words, uniformFromWord));
  });

  it('draws whole numbers from the lowest to the highest, both included', () => {
    const random = openRandomStream(KEY);
    const drawn = new Set(Array.from({ length: 200 }, () => random.integer(-1, 2)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
  });

  it('draws uniform numbers between the bounds', () => {
    const random = openRandomStream(KEY);
    const drawn = Array.from({ length: 500 }, () => random.uniform(3, 5));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...drawn)).toBeLessThan(5);
  });

  it('draws either side of zero', () => {
    const random = openRandomStream(KEY);
    const drawn = Array.from({ length: 500 }, () => random.symmetric(0.5));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-0.5);
    expect(Math.min(...drawn)).toBeLessThan(-0.4);
    expect(Math.max(...drawn)).toBeGreaterThan(0.4);
  });

  it('says yes as often as it is told', () => {
    const random = openRandomStream(KEY);
    const numYes = Array.from({ length: 1000 }, () => random.chance(0.2)).filter(Boolean).length;
    // Three standard deviations of a binomial with n = 1000 and p = 0.2 are 38.
    expect(Math.abs(numYes - 200)).toBeLessThan(38);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  });

  it('picks every choice', () => {
    const random = openRandomStream(KEY);
    const picked = new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])));
    expect([...picked].sort()).toEqual(['a', 'b', 'c']);
  });
});
