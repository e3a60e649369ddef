import { accuracyScore, cohenKappaScore, confusionMatrix, matthewsCorrcoef } from './confusion-matrix.ts';
import fixture from './fixtures/sklearn.json' with { type: 'json' };

/** Printed by fixtures/generate_sklearn.py. */
const cases = fixture.labelCases.map((labelCase) => ({ ...labelCase, labels: labelCase.labels ?? undefined }));

describe('accuracyScore', () => {
  it.each(cases)("is scikit-learn's for $name", ({ yTrue, yPred, accuracy }) => {
    expect(accuracyScore(yTrue, yPred)).toBe(accuracy);
  });

  it('takes typed arrays', () => {
    expect(accuracyScore(Uint8Array.of(7, 2, 1, 0), Uint8Array.of(7, 2, 1, 6))).toBe(0.75);
  });

  it('refuses labels of different lengths', () => {
    expect(() => accuracyScore([1, 2, 3], [1, 2])).toThrow(
      new RangeError('accuracyScore: yPred must have as many labels as yTrue (3), got 2'),
    );
  });

  it('refuses empty input', () => {
    expect(() => accuracyScore([], [])).toThrow(
      new RangeError('accuracyScore: yTrue must hold at least 1 label, got 0'),
    );
  });

  it.each([NaN, 0.5, Infinity])('refuses the label %d', (label) => {
    expect(() => accuracyScore([1, 2], [1, label])).toThrow(
      new RangeError(`accuracyScore: yPred must hold integers, got ${label} at index 1`),
    );
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, 'number'],
  ])('refuses %p in the place of labels', (yTrue, got) => {
    expect(() => accuracyScore(yTrue as never, [1])).toThrow(
      new TypeError(`accuracyScore: yTrue must be an array or typed array of integers, got ${got}`),
    );
  });
});

describe('confusionMatrix', () => {
  it.each(cases)("is scikit-learn's for $name", ({ yTrue, yPred, labels, confusionMatrix: expected }) => {
    expect(confusionMatrix(yTrue, yPred, labels && { labels })).toEqual(expected);
  });

  it('has the true class in rows and the predicted one in columns', () => {
    expect(confusionMatrix([4, 4, 4, 9], [4, 9, 9, 9])).toEqual([
      [1, 2],
      [0, 1],
    ]);
  });

  it('refuses labels of which yTrue has none', () => {
    expect(() => confusionMatrix([1, 2], [3, 3], { labels: [3, 4] })).toThrow(
      new RangeError('confusionMatrix: labels must have at least 1 of yTrue (1, 2), got 3, 4'),
    );
  });

  it('refuses a repeated label', () => {
    expect(() => confusionMatrix([1, 2], [1, 2], { labels: [1, 2, 1] })).toThrow(
      new RangeError('confusionMatrix: labels must be distinct, got 1 twice'),
    );
  });

  it('refuses an empty list of labels', () => {
    expect(() => confusionMatrix([1, 2], [1, 2], { labels: [] })).toThrow(
      new RangeError('confusionMatrix: labels must hold at least 1 label, got 0'),
    );
  });

  it('refuses labels of different lengths', () => {
    expect(() => confusionMatrix([1], [1, 2])).toThrow(
      new RangeError('confusionMatrix: yPred must have as many labels as yTrue (1), got 2'),
    );
  });
});

describe('matthewsCorrcoef', () => {
  it.each(cases)("is scikit-learn's for $name", ({ yTrue, yPred, matthewsCorrcoef: expected }) => {
    expect(matthewsCorrcoef(yTrue, yPred)).toBeCloseTo(expected, 14);
  });

  it('refuses empty input', () => {
    expect(() => matthewsCorrcoef([], [])).toThrow(
      new RangeError('matthewsCorrcoef: yTrue must hold at least 1 label, got 0'),
    );
  });
});

describe('cohenKappaScore', () => {
  const weighted = cases.flatMap(({ cohenKappa, ...labelCase }) => [
    { ...labelCase, weights: null, expected: cohenKappa.none ?? NaN },
    { ...labelCase, weights: 'linear' as const, expected: cohenKappa.linear ?? NaN },
    { ...labelCase, weights: 'quadratic' as const, expected: cohenKappa.quadratic ?? NaN },
  ]);

  it.each(weighted)("is scikit-learn's for $name, weights $weights", ({ yTrue, yPred, labels, weights, expected }) => {
    const kappa = cohenKappaScore(yTrue, yPred, labels ? { labels, weights } : { weights });
    if (Number.isNaN(expected)) expect(kappa).toBeNaN();
    else expect(kappa).toBeCloseTo(expected, 14);
  });

  // scikit-learn 1.2.1: cohen_kappa_score([0, 0, 1, 1], [0, 1, 1, 1])
  it('weighs all confusions alike by default', () => {
    expect(cohenKappaScore([0, 0, 1, 1], [0, 1, 1, 1])).toBe(0.5);
  });

  it('refuses other weights', () => {
    expect(() => cohenKappaScore([1], [1], { weights: 'cubic' as never })).toThrow(
      new RangeError('cohenKappaScore: weights must be linear, quadratic or null, got cubic'),
    );
  });

  it('refuses labels of which yTrue has none', () => {
    expect(() => cohenKappaScore([1], [1], { labels: [2] })).toThrow(
      new RangeError('cohenKappaScore: labels must have at least 1 of yTrue (1), got 2'),
    );
  });
});
