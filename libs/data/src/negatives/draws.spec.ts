import { uniformFromWord } from '../random-draws.ts';
import { fillRandomWords, RandomPurpose } from '../random.ts';
import { createDraws } from './draws.ts';

const KEY = { seed: 5, purpose: RandomPurpose.negatives, site: 1, sample: 9 };

describe('createDraws', () => {
  it('takes one word of the stream a draw, past the end of its buffer too', () => {
    const words = new Uint32Array(140);
    fillRandomWords(KEY, words);
    const draws = createDraws(KEY);
    expect(Array.from(words, () => draws.uniform(0, 1))).toEqual(Array.from(words, uniformFromWord));
  });

  it('draws whole numbers from the lowest to the highest, both included', () => {
    const draws = createDraws(KEY);
    const drawn = new Set(Array.from({ length: 200 }, () => draws.integer(-1, 2)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
  });

  it('draws uniform numbers between the bounds', () => {
    const draws = createDraws(KEY);
    const drawn = Array.from({ length: 500 }, () => draws.uniform(3, 5));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...drawn)).toBeLessThan(5);
  });

  it('draws either side of zero', () => {
    const draws = createDraws(KEY);
    const drawn = Array.from({ length: 500 }, () => draws.symmetric(0.5));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-0.5);
    expect(Math.min(...drawn)).toBeLessThan(-0.4);
    expect(Math.max(...drawn)).toBeGreaterThan(0.4);
  });

  it('says yes as often as it is told', () => {
    const draws = createDraws(KEY);
    const numYes = Array.from({ length: 1000 }, () => draws.chance(0.2)).filter(Boolean).length;
    // Three standard deviations of a binomial with n = 1000 and p = 0.2 are 38.
    expect(Math.abs(numYes - 200)).toBeLessThan(38);
    expect(draws.chance(0)).toBe(false);
    expect(draws.chance(1)).toBe(true);
  });

  it('picks every choice', () => {
    const draws = createDraws(KEY);
    const picked = new Set(Array.from({ length: 100 }, () => draws.pick(['a', 'b', 'c'])));
    expect([...picked].sort()).toEqual(['a', 'b', 'c']);
  });
});
