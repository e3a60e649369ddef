import fixture from './fixtures/sklearn.json' with { type: 'json' };
import { brierScore, logLoss, topKAccuracyScore } from './probability-scores.ts';

/** Printed by fixtures/generate_sklearn.py. */
const cases = fixture.probabilityCases.map((probabilityCase) => ({
  ...probabilityCase,
  probabilities: Float64Array.from(probabilityCase.probabilities),
}));

describe('topKAccuracyScore', () => {
  it.each(cases)("is scikit-learn's for $name, each k", ({ yTrue, probabilities, numClasses, topKAccuracy }) => {
    const scores = topKAccuracy.map((_, i) => topKAccuracyScore(yTrue, probabilities, numClasses, { k: i + 1 }));
    expect(scores).toEqual(topKAccuracy);
  });

  // The example of scikit-learn's documentation: 0.75
  it('takes the top two of scores that are no probabilities by default', () => {
    const yScore = [0.5, 0.2, 0.2, 0.3, 0.4, 0.2, 0.2, 0.4, 0.3, 0.7, 0.2, 0.1];
    expect(topKAccuracyScore([0, 1, 2, 2], yScore, 3)).toBe(0.75);
  });

  it('puts the highest index first among equal scores', () => {
    expect(topKAccuracyScore([2], [1, 1, 1], 3, { k: 1 })).toBe(1);
    expect(topKAccuracyScore([0], [1, 1, 1], 3, { k: 2 })).toBe(0);
  });

  it('is 1 where k is more than the classes', () => {
    expect(topKAccuracyScore([0], [0, 1], 2, { k: 5 })).toBe(1);
  });

  it.each([0, 1.5, -1, NaN])('refuses k = %d', (k) => {
    expect(() => topKAccuracyScore([0], [0, 1], 2, { k })).toThrow(
      new RangeError(`topKAccuracyScore: k must be a positive integer, got ${k}`),
    );
  });

  it.each([
    [[0], [0, NaN], 2, 'yScore must be finite, got NaN at index 1'],
    [[0], [0, 1, 2], 2, 'yScore must have 1 x 2 values, one row a label, got 3'],
    [[2], [0, 1], 2, 'yTrue must be in [0, 2), got 2 at index 0'],
    [[-1], [0, 1], 2, 'yTrue must be in [0, 2), got -1 at index 0'],
    [[0], [1], 1, 'numClasses must be an integer of at least 2, got 1'],
    [[], [], 2, 'yTrue must hold at least 1 label, got 0'],
  ])('refuses yTrue %j with scores %j of %d classes', (yTrue, yScore, numClasses, message) => {
    expect(() => topKAccuracyScore(yTrue, yScore, numClasses)).toThrow(new RangeError(`topKAccuracyScore: ${message}`));
  });
});

describe('logLoss', () => {
  it.each(cases)("is scikit-learn's for $name", ({ yTrue, probabilities, numClasses, ...expected }) => {
    expect(logLoss(yTrue, probabilities, numClasses)).toBeCloseTo(expected.logLoss, 13);
  });

  it.each(cases)("is scikit-learn's for $name in float32", ({ yTrue, probabilities, numClasses, logLossFloat32 }) => {
    expect(logLoss(yTrue, Float32Array.from(probabilities), numClasses)).toBeCloseTo(logLossFloat32, 13);
  });

  it.each(cases)("is scikit-learn's for $name with eps 0.01", ({ yTrue, probabilities, numClasses, logLossEps }) => {
    expect(logLoss(yTrue, probabilities, numClasses, { eps: 0.01 })).toBeCloseTo(logLossEps, 13);
  });

  it('takes the logarithm of each true class once, in index order, from the given function', () => {
    const seen: number[] = [];
    const log = (x: number) => {
      seen.push(x);
      return -x;
    };
    expect(logLoss([1, 0], Float64Array.of(0.5, 0.5, 0.75, 0.25), 2, { log })).toBe(0.625);
    expect(seen).toEqual([0.5, 0.75]);
  });

  it.each([0, 0.5, -1, NaN])('refuses eps = %d', (eps) => {
    expect(() => logLoss([0], Float64Array.of(1, 0), 2, { eps })).toThrow(
      new RangeError(`logLoss: eps must be in (0, 0.5), got ${eps}`),
    );
  });

  it('refuses logits', () => {
    expect(() => logLoss([0, 1], Float64Array.of(1, 0, 3.5, -2), 2)).toThrow(
      new RangeError(
        'logLoss: probabilities must be in [0, 1], got 3.5 for sample 1, class 0; ' +
          'turn logits into probabilities first (softmax)',
      ),
    );
  });

  it('refuses a row that does not sum to 1', () => {
    expect(() => logLoss([0, 1], Float64Array.of(0.5, 0.5, 0.25, 0.25), 2)).toThrow(
      new RangeError('logLoss: probabilities must sum to 1 in each row, got 0.5 for sample 1'),
    );
  });

  it('refuses NaN', () => {
    expect(() => logLoss([0], Float64Array.of(NaN, 1), 2)).toThrow(
      new RangeError('logLoss: probabilities must be finite, got NaN at index 0'),
    );
  });

  it('refuses a missing array', () => {
    expect(() => logLoss([0], undefined as never, 2)).toThrow(
      new TypeError('logLoss: probabilities must be an array or typed array of numbers, got undefined'),
    );
  });
});

describe('brierScore', () => {
  it.each(cases)("is scikit-learn's for $name", ({ yTrue, probabilities, numClasses, brier }) => {
    expect(brierScore(yTrue, probabilities, numClasses, { scaleByHalf: false })).toBeCloseTo(brier, 14);
    expect(brierScore(yTrue, probabilities, numClasses, { scaleByHalf: true })).toBeCloseTo(brier / 2, 14);
  });

  // brier_score_loss([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]): 0.0375
  it("is scikit-learn's binary score for two classes", () => {
    const probabilities = Float64Array.of(0.9, 0.1, 0.1, 0.9, 0.2, 0.8, 0.7, 0.3);
    expect(brierScore([0, 1, 1, 0], probabilities, 2)).toBeCloseTo(0.0375, 15);
  });

  it('is 2 for three classes where all is certain and wrong', () => {
    expect(brierScore([1], Float64Array.of(1, 0, 0), 3)).toBe(2);
  });

  it('refuses another scale', () => {
    expect(() => brierScore([0], Float64Array.of(1, 0), 2, { scaleByHalf: 'yes' as never })).toThrow(
      new RangeError('brierScore: scaleByHalf must be true, false or auto, got yes'),
    );
  });

  it('refuses probabilities of another length', () => {
    expect(() => brierScore([0, 1], Float64Array.of(1, 0), 2)).toThrow(
      new RangeError('brierScore: probabilities must have 2 x 2 values, one row a label, got 2'),
    );
  });
});
