import { energyScore, rejectionScores } from './rejection.ts';

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
