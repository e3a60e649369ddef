import { energyScore, fitRejectionThreshold, measureRejection, rejectionScores } from './rejection.ts';

const LOG_3 = Math.log(3);

/** Two images, two digits and "no digit". */
const LOGITS = Float32Array.of(0, LOG_3, 1, 2, 2, -1);

describe('energyScore', () => {
  it('is the log-sum-exp of the logits', () => {
    expect(energyScore(Float32Array.of(0, LOG_3))).toBeCloseTo(Math.log(4), 7);
    expect(energyScore(Float32Array.of(1000, 1000))).toBeCloseTo(1000 + Math.log(2), 7);
  });
});

describe('rejectionScores', () => {
  it('gives the largest probability among the digits', () => {
    const [first, second] = rejectionScores(LOGITS, 3, { numClasses: 2, score: 'confidence' });
    expect(first).toBeCloseTo(0.75, 7);
    expect(second).toBe(0.5);
  });

  it('applies the temperature to the confidence alone', () => {
    const logits = Float32Array.of(0, 2 * LOG_3);
    const options = { numClasses: 2, temperature: 2 };
    expect(rejectionScores(logits, 2, { ...options, score: 'confidence' })[0]).toBeCloseTo(0.75, 7);
    expect(rejectionScores(logits, 2, { ...options, score: 'energy' })[0]).toBeCloseTo(Math.log(10), 6);
  });

  it("gives the energy of the digits' logits", () => {
    const [first, second] = rejectionScores(LOGITS, 3, { numClasses: 2, score: 'energy' });
    expect(first).toBeCloseTo(Math.log(4), 7);
    expect(second).toBeCloseTo(2 + Math.log(2), 7);
  });

  it('gives the log odds of being a digit', () => {
    const [first, second] = rejectionScores(LOGITS, 3, { numClasses: 2, score: 'none' });
    expect(first).toBeCloseTo(Math.log(4) - 1, 7);
    expect(second).toBeCloseTo(3 + Math.log(2), 7);
  });

  it('refuses an output that is not there', () => {
    expect(() => rejectionScores(LOGITS, 3, { numClasses: 3, score: 'none' })).toThrow(
      new RangeError(
        'rejectionScores: rejection.score must be confidence or energy for a network without a "no digit" output, got none',
      ),
    );
  });

  it('refuses outputs that are not as many as the classes or one more', () => {
    expect(() => rejectionScores(LOGITS, 3, { numClasses: 1, score: 'energy' })).toThrow(
      new RangeError('rejectionScores: numOutputs must be 1 or 2, got 3'),
    );
  });

  it('refuses a part of an image', () => {
    expect(() => rejectionScores(LOGITS.subarray(1), 3, { numClasses: 2, score: 'energy' })).toThrow(
      new RangeError('rejectionScores: logits must have a multiple of 3 values, got 5'),
    );
  });
});

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
