import {
  accuracyScore,
  classificationReport,
  expectedCalibrationError,
  formatClassificationReport,
  logLoss,
  wilsonInterval,
} from './index.ts';

describe('the example of the README', () => {
  const yTrue = [0, 1, 2, 2, 2];
  const yPred = [0, 0, 2, 2, 1];
  const report = classificationReport(yTrue, yPred, { targetNames: ['zero', 'one', 'two'] });
  const probabilities = Float64Array.of(0.8, 0.1, 0.1, 0.5, 0.4, 0.1, 0.1, 0.2, 0.7, 0.2, 0.2, 0.6, 0.1, 0.6, 0.3);

  it('gives the figures that it names', () => {
    expect(accuracyScore(yTrue, yPred)).toBe(0.6);
    expect(wilsonInterval(3, 5).map((bound) => bound.toFixed(8))).toEqual(['0.23072428', '0.88237923']);
    expect(report.macro.f1).toBeCloseTo(0.48888889, 8);
    expect(logLoss(yTrue, probabilities, 3)).toBeCloseTo(0.64218153, 8);
    expect(expectedCalibrationError(yTrue, probabilities, 3).ece).toBeCloseTo(0.24, 12);
  });

  it('prints the report that it shows', () => {
    expect(formatClassificationReport(report)).toBe(
      [
        '              precision    recall  f1-score   support',
        '',
        '        zero       0.50      1.00      0.67         1',
        '         one       0.00      0.00      0.00         1',
        '         two       1.00      0.67      0.80         3',
        '',
        '    accuracy                           0.60         5',
        '   macro avg       0.50      0.56      0.49         5',
        'weighted avg       0.70      0.60      0.61         5',
        '',
      ].join('\n'),
    );
  });
});
