import fixture from './fixtures/sklearn.json' with { type: 'json' };
import { precisionRecallFscoreSupport } from './precision-recall.ts';

/** Printed by fixtures/generate_sklearn.py. */
const cases = fixture.labelCases.flatMap(({ name, yTrue, yPred, labels, scores }) =>
  scores.map((score) => {
    const zeroDivision: 0 | 1 = score.zeroDivision === 1 ? 1 : 0;
    const options = { beta: score.beta, zeroDivision, ...(labels && { labels }) };
    return { ...score, name, yTrue, yPred, options };
  }),
);

describe('precisionRecallFscoreSupport', () => {
  it.each(cases)(
    "is scikit-learn's per class for $name, zeroDivision $zeroDivision, beta $beta",
    ({ yTrue, yPred, options, perClass }) => {
      const [precision, recall, fscore, support] = perClass;
      expect(precisionRecallFscoreSupport(yTrue, yPred, options)).toEqual({ precision, recall, fscore, support });
    },
  );

  it.each(cases)(
    "is scikit-learn's on average for $name, zeroDivision $zeroDivision, beta $beta",
    ({ yTrue, yPred, options, ...averages }) => {
      for (const average of ['micro', 'macro', 'weighted'] as const) {
        const [precision, recall, fscore] = averages[average];
        expect({ average, ...precisionRecallFscoreSupport(yTrue, yPred, { ...options, average }) }).toEqual({
          average,
          precision,
          recall,
          fscore,
          support: null,
        });
      }
    },
  );

  // scikit-learn 1.2.1: precision_recall_fscore_support([0, 1], [5, 1], labels=[5], average='weighted', zero_division=1)
  it('gives a weighted average without support, where a class is predicted but never true', () => {
    const options = { labels: [5], average: 'weighted', zeroDivision: 1 } as const;
    expect(precisionRecallFscoreSupport([0, 1], [5, 1], options)).toEqual({
      precision: 0,
      recall: 1,
      fscore: 0,
      support: null,
    });
  });

  // scikit-learn 1.2.1: precision_recall_fscore_support([0, 1], [0, 1], labels=[5], average='weighted', zero_division=1)
  it('gives a weighted average without support, where a class does not occur', () => {
    const options = { labels: [5], average: 'weighted', zeroDivision: 1 } as const;
    expect(precisionRecallFscoreSupport([0, 1], [0, 1], options)).toEqual({
      precision: 1,
      recall: 1,
      fscore: 1,
      support: null,
    });
  });

  it('gives the recall for an infinite beta', () => {
    const { recall, fscore } = precisionRecallFscoreSupport([0, 0, 1], [0, 1, 1], { beta: Infinity });
    expect(recall).toEqual([0.5, 1]);
    expect(fscore).toEqual([0.5, 1]);
  });

  // scikit-learn 1.2.1: y_true = [i % 150 for i in range(2000)],
  // y_pred = [i * i % 150 if i % 7 == 0 else i % 150 for i in range(2000)], average='macro' and 'weighted'
  it("adds 150 classes in numpy's order", () => {
    const yTrue = Array.from({ length: 2000 }, (_, i) => i % 150);
    const yPred = yTrue.map((label, i) => (i % 7 === 0 ? (i * i) % 150 : label));
    expect(precisionRecallFscoreSupport(yTrue, yPred, { average: 'macro' })).toEqual({
      precision: 0.9044492226003262,
      recall: 0.8649816849816847,
      fscore: 0.8751181001515185,
      support: null,
    });
    expect(precisionRecallFscoreSupport(yTrue, yPred, { average: 'weighted' })).toEqual({
      precision: 0.9042043487261653,
      recall: 0.865,
      fscore: 0.8749945550388515,
      support: null,
    });
  });

  it.each([
    [{ beta: -1 }, 'beta must be at least 0, got -1'],
    [{ beta: NaN }, 'beta must be at least 0, got NaN'],
    [{ zeroDivision: 2 }, 'zeroDivision must be 0 or 1, got 2'],
    [{ average: 'samples' }, 'average must be micro, macro, weighted or null, got samples'],
    [{ labels: [] }, 'labels must hold at least 1 label, got 0'],
    [{ labels: [1, 1] }, 'labels must be distinct, got 1 twice'],
  ])('refuses the options %j', (options, message) => {
    expect(() => precisionRecallFscoreSupport([1], [1], options as never)).toThrow(
      new RangeError(`precisionRecallFscoreSupport: ${message}`),
    );
  });

  it('refuses labels of different lengths', () => {
    expect(() => precisionRecallFscoreSupport([1, 1], [1])).toThrow(
      new RangeError('precisionRecallFscoreSupport: yPred must have as many labels as yTrue (2), got 1'),
    );
  });
});
