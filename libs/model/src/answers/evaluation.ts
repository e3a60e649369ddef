import {
  classificationReport,
  confusionMatrix,
  expectedCalibrationError,
  logLoss,
  type ReportRow,
  wilsonInterval,
} from '@digits/metrics';
import { mostProbableClasses } from './softmax.ts';

/** Which part of a data set figures are of. */
export type Split = 'train' | 'validation' | 'test';

/** How good answers are on a labelled set. Rejection plays no part: the most probable class counts as the answer. */
export interface Evaluation {
  readonly split: Split;
  readonly count: number;
  readonly accuracy: number;
  /** Wilson's 95% interval of the accuracy. */
  readonly accuracyInterval: readonly [number, number];
  /** Mean negative log-likelihood of the true classes, in nats. */
  readonly logLoss: number;
  /** Expected calibration error, 15 bins. */
  readonly ece: number;
  /** Means over the classes. */
  readonly macro: { readonly precision: number; readonly recall: number; readonly f1: number };
  readonly perClass: readonly ReportRow[];
  /** `[numClasses][numClasses]` counts: rows are the true class. */
  readonly confusionMatrix: readonly (readonly number[])[];
}

/**
 * Gives the figures of probabilities.
 *
 * @param labels `[n]` the true classes, n of at least 1
 * @param probabilities `[n, numClasses]`
 * @param classNames `[numClasses]`, at least 2
 * @throws RangeError when lengths do not fit or a label is no class
 */
export function evaluateProbabilities(
  labels: Uint8Array,
  probabilities: Float64Array,
  classNames: readonly string[],
  split: Split,
): Evaluation {
  const numClasses = classNames.length;
  const answers = mostProbableClasses(probabilities, numClasses);
  const classes = classNames.map((_, label) => label);
  const report = classificationReport(labels, answers, { labels: classes, targetNames: classNames });
  const { precision, recall, f1 } = report.macro;
  return {
    split,
    count: report.count,
    accuracy: report.numCorrect / report.count,
    accuracyInterval: wilsonInterval(report.numCorrect, report.count),
    logLoss: logLoss(labels, probabilities, numClasses),
    ece: expectedCalibrationError(labels, probabilities, numClasses).ece,
    macro: { precision, recall, f1 },
    perClass: report.perClass,
    confusionMatrix: confusionMatrix(labels, answers, { labels: classes }),
  };
}
