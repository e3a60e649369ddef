import { classificationReport, formatClassificationReport } from './classification-report.ts';
import fixture from './fixtures/sklearn.json' with { type: 'json' };

/** Printed by fixtures/generate_sklearn.py. */
const cases = fixture.labelCases.flatMap(({ name, yTrue, yPred, labels, targetNames, accuracy, reports }) =>
  reports.map(({ zeroDivision, digits, text, data }) => {
    const options = {
      zeroDivision: zeroDivision === 1 ? (1 as const) : (0 as const),
      ...(labels && { labels }),
      ...(targetNames && { targetNames }),
    };
    return { name, yTrue, yPred, options, digits, text, data, accuracy };
  }),
);

describe('classificationReport', () => {
  it.each(cases)(
    "is scikit-learn's output_dict for $name, $options.zeroDivision",
    ({ yTrue, yPred, options, data }) => {
      const { perClass, accuracy, microIsAccuracy, micro, macro, weighted } = classificationReport(
        yTrue,
        yPred,
        options,
      );
      const rows = [
        ...perClass.map(({ name, ...scores }) => [name, scores] as const),
        ...(microIsAccuracy ? [] : [['micro avg', micro] as const]),
        ['macro avg', macro] as const,
        ['weighted avg', weighted] as const,
      ];
      const dict = rows.map(([name, { precision, recall, f1, support }]) => {
        return [name, { precision, recall, 'f1-score': f1, support }] as const;
      });
      expect({ ...Object.fromEntries(dict), ...(microIsAccuracy ? { accuracy } : {}) }).toEqual(data);
    },
  );

  it.each(cases)('counts all samples of $name', ({ yTrue, yPred, options, accuracy }) => {
    const report = classificationReport(yTrue, yPred, options);
    expect(report.count).toBe(yTrue.length);
    expect(report.accuracy).toBe(accuracy);
    expect(report.numCorrect).toBe(Math.round(accuracy * yTrue.length));
  });

  it('refuses too few names', () => {
    expect(() => classificationReport([0, 1], [0, 1], { targetNames: ['zero'] })).toThrow(
      new RangeError(
        'classificationReport: targetNames must have one name a label (2), got 1; ' +
          'pass labels too where a class does not occur',
      ),
    );
  });

  it('refuses another zeroDivision', () => {
    expect(() => classificationReport([0, 1], [0, 1], { zeroDivision: 0.5 as never })).toThrow(
      new RangeError('classificationReport: zeroDivision must be 0 or 1, got 0.5'),
    );
  });

  it('refuses labels of different lengths', () => {
    expect(() => classificationReport([0, 1], [0])).toThrow(
      new RangeError('classificationReport: yPred must have as many labels as yTrue (2), got 1'),
    );
  });

  it('refuses a repeated label', () => {
    expect(() => classificationReport([0], [0], { labels: [0, 0] })).toThrow(
      new RangeError('classificationReport: labels must be distinct, got 0 twice'),
    );
  });
});

describe('formatClassificationReport', () => {
  it.each(cases)("is scikit-learn's text for $name, $digits digits", ({ yTrue, yPred, options, digits, text }) => {
    expect(formatClassificationReport(classificationReport(yTrue, yPred, options), digits)).toBe(text);
  });

  // print(f'{0.125:.2f} {0.375:.2f} {0.5:.0f} {1.5:.0f}') in Python: 0.12 0.38 0 2
  it('rounds what lies half-way to the even digit, as Python does', () => {
    const scores = { precision: 0.125, recall: 0.375, f1: 0.5, support: 8 };
    const report = {
      count: 8,
      numCorrect: 1,
      perClass: [],
      accuracy: 0.125,
      microIsAccuracy: false,
      micro: scores,
      macro: scores,
      weighted: scores,
    };
    expect(formatClassificationReport(report, 2)).toContain('macro avg       0.12      0.38      0.50         8\n');
    expect(formatClassificationReport(report, 0)).toContain('macro avg          0         0         0         8\n');
  });

  it.each([-1, 1.5, 100, NaN])('refuses %d digits', (digits) => {
    expect(() => formatClassificationReport(classificationReport([0], [0]), digits)).toThrow(
      new RangeError(`formatClassificationReport: digits must be an integer in [0, 99], got ${digits}`),
    );
  });
});
