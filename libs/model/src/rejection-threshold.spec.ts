import { fitRejectionThreshold, measureRejection } from './rejection-threshold.ts';

describe('fitRejectionThreshold', () => {
  it('lies half way between the last score that is refused and the first that is kept', () => {
    expect(fitRejectionThreshold([4, 1, 3, 2], 0.75)).toBe(1.5);
    expect(fitRejectionThreshold([4, 1, 3, 2], 0.5)).toBe(2.5);
  });

  it('keeps at least the share where it does not come out even', () => {
    expect(fitRejectionThreshold([4, 1, 3, 2], 0.7)).toBe(1.5);
    expect(fitRejectionThreshold([4, 1, 3, 2], 0.76)).toBe(1);
  });

  it('keeps all at the lowest score', () => {
    expect(fitRejectionThreshold([4, -2, 3], 1)).toBe(-2);
  });

  it('refuses as many as the share allows, whatever its rounding', () => {
    // 0.998 * 10000 is 9980 exactly on paper only.
    const scores = Float64Array.from({ length: 10_000 }, (_, i) => i);
    expect(fitRejectionThreshold(scores, 0.998)).toBe(19.5);
  });

  it('keeps all of equal scores', () => {
    const threshold = fitRejectionThreshold([1, 1, 1, 2], 0.5);
    expect(threshold).toBe(1);
  });

  it.each([0, 1.1, Number.NaN])('refuses to keep a share of %s', (keep) => {
    expect(() => fitRejectionThreshold([1], keep)).toThrow(
      new RangeError(`fitRejectionThreshold: keep must be in (0, 1], got ${keep}`),
    );
  });

  it('refuses to fit to nothing', () => {
    expect(() => fitRejectionThreshold([], 0.9)).toThrow(
      new RangeError('fitRejectionThreshold: scoresOfDigits must hold at least one score, got none'),
    );
  });

  it('refuses a score that is none', () => {
    expect(() => fitRejectionThreshold([1, Number.NaN], 0.9)).toThrow(
      new RangeError('fitRejectionThreshold: scoresOfDigits must be finite, got NaN at 1'),
    );
  });
});

describe('measureRejection', () => {
  it('counts digits that are kept and others that are refused', () => {
    const report = measureRejection([3, 4, 5, 1], [0, 1, 3, 2, 2.5], 3);
    expect(report).toMatchObject({ kept: 0.75, numDigits: 4, refused: 0.8, numOthers: 5 });
  });

  it('gives the chance that a digit scores higher, ties counting half', () => {
    // Of 4 x 5 pairs: 3 beats 4 and ties with one, 4 and 5 beat all 5, 1 beats one and ties with one: 16 in all.
    expect(measureRejection([3, 4, 5, 1], [0, 1, 3, 2, 2.5], 3).auroc).toBeCloseTo(16 / 20, 12);
  });

  it('gives intervals of the shares', () => {
    // python3 -c "from statsmodels.stats.proportion import *; print(proportion_confint(3, 4, method='wilson'))"
    const { keptInterval } = measureRejection([3, 4, 5, 1], [0], 3);
    expect(keptInterval[0]).toBeCloseTo(0.3006, 4);
    expect(keptInterval[1]).toBeCloseTo(0.9544, 4);
  });

  it('refuses to measure without others', () => {
    expect(() => measureRejection([1], [], 0)).toThrow(
      new RangeError('measureRejection: scoresOfOthers must hold at least one score, got none'),
    );
  });
});
