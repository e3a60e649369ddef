import { estimateDensity, estimateProbabilities, normalCdf } from './parzen.ts';
import { openTrialStream } from './space.ts';

describe('normalCdf', () => {
  // scipy.stats.norm.cdf of SciPy 1.17.
  it.each([
    [-3, 0.0013498980316300933],
    [-1, 0.15865525393145707],
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [2, 0.9772498680518208],
  ])('is what SciPy gives at %d', (z, expected) => {
    expect(Math.abs(normalCdf(z) - expected)).toBeLessThan(1e-7);
  });
});

describe('estimateDensity', () => {
  const density = estimateDensity([0.5, 0.2], [0, 1]);

  /*
   * A third of each: 1 for the even distribution, and scipy.stats.truncnorm.pdf(x, -m/s, (1-m)/s, loc=m, scale=s) for m, s of 0.2, 1/3 (0.3
   * to the neighbour, below the smallest) and 0.5, 0.5 (to the lower bound).
   */
  it.each([
    [0.1, 1.1477401888227083],
    [0.5, 1.0937373970516748],
    [0.9, 0.677522744952136],
  ])('is what SciPy gives for the mixture at %d', (place, expected) => {
    expect(density.at(place)).toBeCloseTo(expected, 5);
  });

  it('draws as often from each tenth as the density says', () => {
    const numDraws = 20_000;
    const stream = openTrialStream(3, 0, 0);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < numDraws; i++) counts[Math.min(9, Math.floor(10 * density.draw(stream)))]++;
    counts.forEach((count, tenth) => {
      expect(Math.abs(count / numDraws - density.at((tenth + 0.5) / 10) / 10)).toBeLessThan(0.01);
    });
  });

  it('is even without numbers', () => {
    expect(estimateDensity([], [2, 6]).at(3)).toBe(0.25);
  });
});

describe('estimateProbabilities', () => {
  it('counts each value once more than it was seen', () => {
    expect(estimateProbabilities([1, 1, 2], 3)).toEqual([1 / 6, 3 / 6, 2 / 6]);
  });
});
