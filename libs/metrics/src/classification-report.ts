import { countCorrect } from './confusion-matrix.ts';
import { checkLabelPair, type Labels, presentLabels, resolveLabels } from './input.ts';
import {
  type AveragedScores,
  checkZeroDivision,
  precisionRecallFscoreSupport,
  type PrecisionRecallOptions,
} from './precision-recall.ts';

/** Precision, recall and F1, each in [0, 1], and the number of samples that they are taken over. */
export interface ReportScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** The scores of one class. */
export interface ReportRow extends ReportScores {
  readonly label: number;
  readonly name: string;
}

/** What {@link classificationReport} gives: plain JSON. */
export interface ClassificationReport {
  /** Samples in all, those of them whose predicted label is the true one, and their share; whatever `labels` says. */
  readonly count: number;
  readonly numCorrect: number;
  readonly accuracy: number;
  /** In the order of the labels. */
  readonly perClass: readonly ReportRow[];
  /** Whether the labels are just those that occur: the text then has `accuracy` in the place of `micro avg`. */
  readonly microIsAccuracy: boolean;
  readonly micro: ReportScores;
  readonly macro: ReportScores;
  readonly weighted: ReportScores;
}

/** Settings of {@link classificationReport}. */
export interface ClassificationReportOptions extends Pick<PrecisionRecallOptions, 'labels' | 'zeroDivision'> {
  /** What each class is called, in the order of the labels; default: the label itself. */
  readonly targetNames?: readonly string[];
}

/**
 * Returns precision, recall and F1 of each class and their averages, as data; {@link formatClassificationReport}
 * prints it.
 *
 * @param yTrue `[n]` integers, n of at least 1
 * @param yPred `[n]` integers
 * @throws TypeError where an argument is not an array
 * @throws RangeError where lengths differ, there are no samples, a label is not an integer, `labels` is empty or
 *   repeats one, `zeroDivision` is not 0 or 1, or there are not as many `targetNames` as labels
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html
 */
export function classificationReport(
  yTrue: Labels,
  yPred: Labels,
  options: ClassificationReportOptions = {},
): ClassificationReport {
  const caller = 'classificationReport';
  const { zeroDivision = 0 } = options;
  checkLabelPair(caller, yTrue, yPred);
  const labels = resolveLabels(caller, yTrue, yPred, options.labels);
  const names = options.targetNames ?? labels.map(String);
  if (names.length !== labels.length) {
    throw new RangeError(
      `${caller}: targetNames must have one name a label (${labels.length}), got ${names.length}; ` +
        'pass labels too where a class does not occur',
    );
  }
  checkZeroDivision(caller, zeroDivision);
  const settings = { labels, zeroDivision };
  const scores = precisionRecallFscoreSupport(yTrue, yPred, settings);
  const support = scores.support.reduce((total, count) => total + count, 0);
  const averageOf = (average: 'micro' | 'macro' | 'weighted') =>
    withSupport(precisionRecallFscoreSupport(yTrue, yPred, { ...settings, average }), support);
  const numCorrect = countCorrect(yTrue, yPred);
  return {
    count: yTrue.length,
    numCorrect,
    accuracy: numCorrect / yTrue.length,
    perClass: labels.map((label, c) => ({
      label,
      name: names[c],
      precision: scores.precision[c],
      recall: scores.recall[c],
      f1: scores.fscore[c],
      support: scores.support[c],
    })),
    microIsAccuracy: isSameSet(labels, presentLabels(yTrue, yPred)),
    micro: averageOf('micro'),
    macro: averageOf('macro'),
    weighted: averageOf('weighted'),
  };
}

function withSupport({ precision, recall, fscore }: AveragedScores, support: number): ReportScores {
  return { precision, recall, f1: fscore, support };
}

/** Whether two lists of distinct labels hold the same ones. */
function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((label) => b.includes(label));
}

/** Width of every column but the first. */
const COLUMN_WIDTH = 9;
const WIDEST_AVERAGE = 'weighted avg';

/**
 * Prints a report as scikit-learn does, to the byte.
 *
 * @param report what {@link classificationReport} gave
 * @param digits after the decimal point: an integer in [0, 99], default 2
 * @returns lines, each ended by `\n`
 * @throws RangeError where `digits` is out of its range
 */
export function formatClassificationReport(report: ClassificationReport, digits = 2): string {
  if (!Number.isInteger(digits) || digits < 0 || digits > 99) {
    throw new RangeError(`formatClassificationReport: digits must be an integer in [0, 99], got ${digits}`);
  }
  const nameWidth = Math.max(
    ...report.perClass.map(({ name }) => countCharacters(name)),
    WIDEST_AVERAGE.length,
    digits,
  );
  const line = (name: string, cells: readonly string[]) =>
    `${padStart(name, nameWidth)} ${cells.map((cell) => ` ${padStart(cell, COLUMN_WIDTH)}`).join('')}\n`;
  const scores = (name: string, { precision, recall, f1, support }: ReportScores) =>
    line(name, [...[precision, recall, f1].map((score) => toFixedHalfEven(score, digits)), printCount(support)]);
  // scikit-learn's counts turn into floats where nothing at all is right, and it prints them as such.
  const printCount = (count: number) => (report.numCorrect === 0 ? count.toFixed(1) : String(count));
  const { perClass, microIsAccuracy, micro, macro, weighted } = report;
  return [
    line('', ['precision', 'recall', 'f1-score', 'support']),
    '\n',
    ...perClass.map((row) => scores(row.name, row)),
    '\n',
    microIsAccuracy
      ? line('accuracy', ['', '', toFixedHalfEven(micro.f1, digits), printCount(micro.support)])
      : scores('micro avg', micro),
    scores('macro avg', macro),
    scores(WIDEST_AVERAGE, weighted),
  ].join('');
}

/** Counts code points, as Python does. */
function countCharacters(text: string): number {
  return Array.from(text).length;
}

function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - countCharacters(text))) + text;
}

/**
 * Python's fixed format: where a value lies exactly between two decimals, the even one is printed (0.125 as 0.12),
 * while `toFixed` takes the larger one.
 *
 * @param value at least 0
 */
function toFixedHalfEven(value: number, digits: number): string {
  const larger = value.toFixed(digits);
  // Only a multiple of 2^-(digits + 1) can lie in the middle, and all its decimals fit into digits + 1.
  if (!Number.isInteger(value * 2 ** (digits + 1))) return larger;
  const exact = value.toFixed(digits + 1);
  if (!exact.endsWith('5')) return larger;
  const smaller = exact.slice(0, -1).replace(/\.$/, '');
  return Number(smaller.at(-1)) % 2 === 0 ? smaller : larger;
}
