import { checkLabelPair, type Labels, resolveLabels } from './input.ts';

/** How per-class scores become one: over all samples, over classes alike, or over classes by their support. */
export type Average = 'micro' | 'macro' | 'weighted';

/** Settings of {@link precisionRecallFscoreSupport}, beside how it averages. */
export interface PrecisionRecallOptions {
  /** Which classes to score, in this order; default: all that occur, ascending. */
  readonly labels?: Labels;
  /** What recall counts against precision in the F-score: at least 0, default 1 (F1); infinite gives recall. */
  readonly beta?: number;
  /** What stands for a ratio of 0 to 0 (a class never predicted, or never true): default 0. */
  readonly zeroDivision?: 0 | 1;
}

/** Scores of each class, in the order of the labels. */
export interface PerClassScores {
  readonly precision: number[];
  readonly recall: number[];
  readonly fscore: number[];
  /** Samples whose true label is the class. */
  readonly support: number[];
}

/** One score for all classes; `support` is null, as scikit-learn's None. */
export interface AveragedScores {
  readonly precision: number;
  readonly recall: number;
  readonly fscore: number;
  readonly support: null;
}

/** How often each class was right, predicted, and true. */
interface ClassCounts {
  readonly numCorrect: number[];
  readonly numPredicted: number[];
  readonly numTrue: number[];
}

/**
 * Returns precision, recall, F-score and support of each class, or their average.
 *
 * Precision is the share of right ones among those predicted as a class, recall among those that are of the class.
 * A sample whose labels are not all in `labels` still counts as the miss or false alarm that it is.
 *
 * @param yTrue `[n]` integers, n of at least 1
 * @param yPred `[n]` integers
 * @param options `average` is null for each class by itself (the default), or one of {@link Average}
 * @returns scores in [0, 1]: arrays in the order of the labels, or numbers where averaged
 * @throws TypeError where an argument is not an array
 * @throws RangeError where lengths differ, there are no samples, a label is not an integer, `labels` is empty or
 *   repeats one, or another option is out of its range
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_recall_fscore_support.html
 */
export function precisionRecallFscoreSupport(
  yTrue: Labels,
  yPred: Labels,
  options?: PrecisionRecallOptions & { readonly average?: null },
): PerClassScores;
export function precisionRecallFscoreSupport(
  yTrue: Labels,
  yPred: Labels,
  options: PrecisionRecallOptions & { readonly average: Average },
): AveragedScores;
export function precisionRecallFscoreSupport(
  yTrue: Labels,
  yPred: Labels,
  options: PrecisionRecallOptions & { readonly average?: Average | null } = {},
): PerClassScores | AveragedScores {
  const caller = 'precisionRecallFscoreSupport';
  const { beta = 1, zeroDivision = 0, average = null } = options;
  checkOptions(caller, beta, zeroDivision, average);
  checkLabelPair(caller, yTrue, yPred);
  const counts = countClasses(yTrue, yPred, resolveLabels(caller, yTrue, yPred, options.labels));
  if (average === null) return scoreClasses(counts, beta, zeroDivision);
  if (average === 'weighted' && sum(counts.numTrue) === 0) return scoreWithoutSupport(counts, zeroDivision);
  if (average === 'micro') return averageScores(scoreClasses(poolClasses(counts), beta, zeroDivision), [1]);
  const weights = average === 'weighted' ? counts.numTrue : counts.numTrue.map(() => 1);
  return averageScores(scoreClasses(counts, beta, zeroDivision), weights);
}

function checkOptions(caller: string, beta: number, zeroDivision: number, average: string | null): void {
  if (!(beta >= 0)) throw new RangeError(`${caller}: beta must be at least 0, got ${beta}`);
  checkZeroDivision(caller, zeroDivision);
  if (average !== null && !['micro', 'macro', 'weighted'].includes(average)) {
    throw new RangeError(`${caller}: average must be micro, macro, weighted or null, got ${average}`);
  }
}

/** @throws RangeError where `zeroDivision` is neither 0 nor 1 */
export function checkZeroDivision(caller: string, zeroDivision: number): void {
  if (zeroDivision !== 0 && zeroDivision !== 1) {
    throw new RangeError(`${caller}: zeroDivision must be 0 or 1, got ${zeroDivision}`);
  }
}

function countClasses(yTrue: Labels, yPred: Labels, labels: readonly number[]): ClassCounts {
  const indexOf = new Map(labels.map((label, index) => [label, index]));
  const zeros = () => new Array<number>(labels.length).fill(0);
  const counts = { numCorrect: zeros(), numPredicted: zeros(), numTrue: zeros() };
  for (let i = 0; i < yTrue.length; i++) {
    const trueIndex = indexOf.get(yTrue[i]);
    const predictedIndex = indexOf.get(yPred[i]);
    if (trueIndex !== undefined) counts.numTrue[trueIndex]++;
    if (predictedIndex !== undefined) counts.numPredicted[predictedIndex]++;
    if (trueIndex !== undefined && trueIndex === predictedIndex) counts.numCorrect[trueIndex]++;
  }
  return counts;
}

/** Counts as if all classes were one. */
function poolClasses({ numCorrect, numPredicted, numTrue }: ClassCounts): ClassCounts {
  return { numCorrect: [sum(numCorrect)], numPredicted: [sum(numPredicted)], numTrue: [sum(numTrue)] };
}

function scoreClasses({ numCorrect, numPredicted, numTrue }: ClassCounts, beta: number, zeroDivision: 0 | 1) {
  const ratio = (numerator: number, denominator: number) =>
    denominator === 0 ? zeroDivision : numerator / denominator;
  const precision = numCorrect.map((count, c) => ratio(count, numPredicted[c]));
  const recall = numCorrect.map((count, c) => ratio(count, numTrue[c]));
  const fscore = precision.map((p, c) => combine(p, recall[c], beta));
  return { precision, recall, fscore, support: numTrue };
}

function combine(precision: number, recall: number, beta: number): number {
  if (beta === Infinity) return recall;
  const denominator = beta * beta * precision + recall;
  return denominator === 0 ? 0 : ((1 + beta * beta) * precision * recall) / denominator;
}

function averageScores(scores: PerClassScores, weights: readonly number[]): AveragedScores {
  const mean = (values: readonly number[]) => sum(values.map((value, c) => value * weights[c])) / sum(weights);
  return {
    precision: mean(scores.precision),
    recall: mean(scores.recall),
    fscore: mean(scores.fscore),
    support: null,
  };
}

/** The weighted average where every weight is 0: scikit-learn's answer for labels that are nowhere true. */
function scoreWithoutSupport({ numPredicted }: ClassCounts, zeroDivision: 0 | 1): AveragedScores {
  const isPredicted = sum(numPredicted) > 0;
  const score = isPredicted ? 0 : zeroDivision;
  return { precision: score, recall: zeroDivision, fscore: score, support: null };
}

/**
 * Adds in numpy's order (eight running sums, halves above 128), without which averages of eight classes and more would
 * differ from scikit-learn's in the last bit, and now and then in a printed decimal.
 *
 * @see https://github.com/numpy/numpy/blob/v1.24.0/numpy/core/src/umath/loops_utils.h.src pairwise sum
 */
function sum(values: readonly number[]): number {
  if (values.length < 8) return values.reduce((total, value) => total + value, 0);
  if (values.length > 128) {
    const half = Math.floor(values.length / 2);
    const middle = half - (half % 8);
    return sum(values.slice(0, middle)) + sum(values.slice(middle));
  }
  const partial = values.slice(0, 8);
  const numWhole = values.length - (values.length % 8);
  for (let i = 8; i < numWhole; i++) partial[i % 8] += values[i];
  const [a, b, c, d, e, f, g, h] = partial;
  const whole = a + b + (c + d) + (e + f + (g + h));
  return values.slice(numWhole).reduce((total, value) => total + value, whole);
}
