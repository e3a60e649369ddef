import fixture from './fixtures/sklearn.json' with { type: 'json' };
import { wilsonInterval } from './wilson-interval.ts';

describe('wilsonInterval', () => {
  // Printed by fixtures/generate_sklearn.py: scipy's binomtest(k, n).proportion_ci(method='wilson').
  it.each(fixture.wilsonCases)("is scipy's for $successes of $trials", ({ successes, trials, lower, upper }) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval[0]).toBeCloseTo(lower, 14);
    expect(interval[1]).toBeCloseTo(upper, 14);
  });

  it('is exactly 0 and 1 at the ends', () => {
    expect(wilsonInterval(0, 60000)[0]).toBe(0);
    expect(wilsonInterval(60000, 60000)[1]).toBe(1);
  });

  // By hand, for z = 1 and 2 of 4: centre (1/2 + 1/8) / (5/4), half width sqrt(1/16 + 1/64) / (5/4)
  it('takes another width', () => {
    const [lower, upper] = wilsonInterval(2, 4, { z: 1 });
    expect(lower).toBeCloseTo(0.5 - Math.sqrt(5) / 10, 15);
    expect(upper).toBeCloseTo(0.5 + Math.sqrt(5) / 10, 15);
  });

  it.each([
    [1, 0, 1, 'trials must be a positive integer, got 0'],
    [1, 2.5, 1, 'trials must be a positive integer, got 2.5'],
    [3, 2, 1, 'successes must be an integer in [0, 2], got 3'],
    [-1, 2, 1, 'successes must be an integer in [0, 2], got -1'],
    [0.5, 2, 1, 'successes must be an integer in [0, 2], got 0.5'],
    [NaN, 2, 1, 'successes must be an integer in [0, 2], got NaN'],
    [1, 2, 0, 'z must be positive and finite, got 0'],
    [1, 2, Infinity, 'z must be positive and finite, got Infinity'],
  ])('refuses %d of %d with z = %d', (successes, trials, z, message) => {
    expect(() => wilsonInterval(successes, trials, { z })).toThrow(new RangeError(`wilsonInterval: ${message}`));
  });
});
