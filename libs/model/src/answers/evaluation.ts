import {
  classificationReport,
  confusionMatrix,
  expectedCalibrationError,
  logLoss,
  type ReportRow,
  wilsonInterval,
} from '@digits/metrics';
import { choice, fields, type Fields, integer, list, pair, real, type Schema, text } from '../json.ts';
import { ARCHITECTURE_LIMITS } from '../network/layers.ts';
import { mostProbableClasses } from './softmax.ts';

const share = real(0, 1);
const count = integer(0);
/** Schema of a class' name. */
export const CLASS_NAME = text(256);
const MAX_CLASSES = ARCHITECTURE_LIMITS.dimension;

const SPLITS = ['train', 'validation', 'test', 'all'] as const;

/** Which part of a data set figures are of. */
export type Split = (typeof SPLITS)[number];

const EVALUATION = {
  split: choice(SPLITS),
  count,
  accuracy: share,
  /** Wilson's 95% interval of the accuracy. */
  accuracyInterval: pair(share),
  /** Mean negative log-likelihood of the true classes, in nats. */
  logLoss: real(0, Number.MAX_VALUE),
  /** Expected calibration error, 15 bins. */
  ece: share,
  /** Means over the classes. */
  macro: fields({ precision: share, recall: share, f1: share }),
  perClass: list<ReportRow>(
    fields({ label: count, name: CLASS_NAME, precision: share, recall: share, f1: share, support: count }),
    0,
    MAX_CLASSES,
  ),
  /** `[numClasses][numClasses]` counts: rows are the true class. */
  confusionMatrix: list(list(count, 0, MAX_CLASSES), 0, MAX_CLASSES),
};

/** How good answers are on a labelled set. Rejection plays no part: the most probable class counts as the answer. */
export type Evaluation = Fields<typeof EVALUATION>;

/** Schema of the JSON of an evaluation. */
export const evaluationSchema: Schema<Evaluation> = fields(EVALUATION);

/**
 * Refuses figures of another number of classes.
 *
 * @param where opens the error messages
 * @throws RangeError naming the field, the number of classes and what was found
 */
export function checkEvaluation({ perClass, confusionMatrix }: Evaluation, numClasses: number, where: string): void {
  const lists = { perClass, confusionMatrix };
  for (const [name, { length }] of [
    ...Object.entries(lists),
    ...confusionMatrix.map((row, i) => [`confusionMatrix[${i}]`, row] as const),
  ]) {
    if (length !== numClasses) throw new RangeError(`${where}.${name} must have ${numClasses} items, got ${length}`);
  }
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
