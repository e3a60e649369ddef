import fixture from './fixtures/sklearn.json' with { type: 'json' };
import { rocAucScore } from './roc-auc.ts';

/** Printed by fixtures/generate_sklearn.py. */
const { rocCases, probabilityCases } = fixture;
const withAllClasses = probabilityCases.filter(({ rocAuc }) => rocAuc.none !== null);
const withAbsentClasses = probabilityCases.filter(({ rocAuc }) => rocAuc.none === null);

describe('rocAucScore', () => {
  it.each(rocCases)("is scikit-learn's for $name", ({ yTrue, yScore, rocAuc }) => {
    expect(rocAucScore(yTrue, yScore)).toBeCloseTo(rocAuc, 14);
  });

  it.each(withAllClasses)("is scikit-learn's one-vs-rest for $name", ({ yTrue, probabilities, numClasses, rocAuc }) => {
    const scoreOf = (average?: 'macro' | 'weighted') =>
      rocAucScore(yTrue, probabilities, average ? { numClasses, average } : { numClasses });
    expect(scoreOf()).toBeCloseTo(rocAuc.macro ?? NaN, 14);
    expect(scoreOf('macro')).toBeCloseTo(rocAuc.macro ?? NaN, 14);
    expect(scoreOf('weighted')).toBeCloseTo(rocAuc.weighted ?? NaN, 14);
    rocAucScore(yTrue, probabilities, { numClasses, average: null }).forEach((area, c) => {
      expect(area).toBeCloseTo(rocAuc.none?.[c] ?? NaN, 14);
    });
  });

  it.each(probabilityCases)("is scikit-learn's micro average for $name", ({ yTrue, probabilities, ...expected }) => {
    const area = rocAucScore(yTrue, probabilities, { numClasses: expected.numClasses, average: 'micro' });
    expect(area).toBeCloseTo(expected.rocAuc.micro, 14);
  });

  it.each(withAbsentClasses)('refuses $name, as scikit-learn does', ({ yTrue, probabilities, numClasses }) => {
    expect(() => rocAucScore(yTrue, probabilities, { numClasses })).toThrow(
      /^rocAucScore: yTrue must hold samples of each class and of others, got \d of \d of class \d$/,
    );
  });

  it('names the class that is absent', () => {
    expect(() => rocAucScore([0, 1], [0.5, 0.25, 0.25, 0.5, 0.25, 0.25], { numClasses: 3 })).toThrow(
      new RangeError('rocAucScore: yTrue must hold samples of each class and of others, got 0 of 2 of class 2'),
    );
  });

  it.each([
    [[1, 1], [0.5, 0.5], 'yTrue must hold 2 classes, got 1 (1)'],
    [[0, 1, 2], [0.5, 0.5, 0.5], 'yTrue must hold 2 classes, got 3 (0, 1, 2)'],
    [[], [], 'yTrue must hold at least 1 label, got 0'],
    [[0, 1], [0.5, NaN], 'yScore must be finite, got NaN at index 1'],
    [[0, 1], [0.5, Infinity], 'yScore must be finite, got Infinity at index 1'],
    [
      [0, 1],
      [0.5, 0.5, 0.5, 0.5],
      'yScore must have as many scores as yTrue has labels (2), got 4; pass numClasses where there is a column a class',
    ],
  ])('refuses yTrue %j with scores %j', (yTrue, yScore, message) => {
    expect(() => rocAucScore(yTrue, yScore)).toThrow(new RangeError(`rocAucScore: ${message}`));
  });

  it('refuses columns that are no probabilities', () => {
    expect(() => rocAucScore([0, 1], [0.5, 0.25, 0.5, 0.5], { numClasses: 2 })).toThrow(
      new RangeError('rocAucScore: yScore must sum to 1 in each row, got 0.75 for sample 0'),
    );
  });

  it('refuses another average', () => {
    expect(() => rocAucScore([0, 1], [0, 1], { average: 'samples' as never })).toThrow(
      new RangeError('rocAucScore: average must be micro, macro, weighted or null, got samples'),
    );
  });
});
