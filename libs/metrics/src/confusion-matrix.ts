import { checkLabelPair, type Labels, presentLabels, resolveLabels } from './input.ts';

/**
 * Returns the share of samples whose predicted label is the true one.
 *
 * @param yTrue `[n]` integers, n of at least 1
 * @param yPred `[n]` integers
 * @returns in [0, 1]
 * @throws TypeError where an argument is not an array
 * @throws RangeError where lengths differ, there are no samples, or a label is not an integer
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.accuracy_score.html
 */
export function accuracyScore(yTrue: Labels, yPred: Labels): number {
  checkLabelPair('accuracyScore', yTrue, yPred);
  return countCorrect(yTrue, yPred) / yTrue.length;
}

/** Number of samples whose predicted label is the true one; trusts its input. */
export function countCorrect(yTrue: Labels, yPred: Labels): number {
  let numCorrect = 0;
  for (let i = 0; i < yTrue.length; i++) if (yTrue[i] === yPred[i]) numCorrect++;
  return numCorrect;
}

/** Settings of {@link confusionMatrix}. */
export interface ConfusionMatrixOptions {
  /** Which classes to count, in the order of the rows; default: all that occur, ascending. */
  readonly labels?: Labels;
}

/**
 * Counts how often each true class was predicted as each class.
 *
 * @param yTrue `[n]` integers, n of at least 1
 * @param yPred `[n]` integers
 * @param options samples whose true or predicted label is not among `labels` are left out, as in scikit-learn
 * @returns `[numClasses][numClasses]` counts: rows are the true class, columns the predicted one
 * @throws TypeError where an argument is not an array
 * @throws RangeError where lengths differ, there are no samples, a label is not an integer, or `labels` is empty,
 *   repeats one or has none of `yTrue`
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html
 */
export function confusionMatrix(yTrue: Labels, yPred: Labels, options: ConfusionMatrixOptions = {}): number[][] {
  return countPairs('confusionMatrix', yTrue, yPred, options.labels);
}

function countPairs(caller: string, yTrue: Labels, yPred: Labels, chosen: Labels | undefined): number[][] {
  checkLabelPair(caller, yTrue, yPred);
  const labels = resolveLabels(caller, yTrue, yPred, chosen);
  const indexOf = new Map(labels.map((label, index) => [label, index]));
  const matrix = labels.map(() => new Array<number>(labels.length).fill(0));
  let isAnyTrue = false;
  for (let i = 0; i < yTrue.length; i++) {
    const row = indexOf.get(yTrue[i]);
    const column = indexOf.get(yPred[i]);
    if (row !== undefined) isAnyTrue = true;
    if (row !== undefined && column !== undefined) matrix[row][column]++;
  }
  if (!isAnyTrue) {
    throw new RangeError(
      `${caller}: labels must have at least 1 of yTrue (${presentLabels(yTrue, []).join(', ')}), got ${labels.join(', ')}`,
    );
  }
  return matrix;
}

/** Row sums (true) and column sums (predicted) of a confusion matrix. */
function marginals(matrix: readonly (readonly number[])[]): { numTrue: number[]; numPredicted: number[] } {
  const numTrue = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const numPredicted = matrix.map((_, column) => matrix.reduce((sum, row) => sum + row[column], 0));
  return { numTrue, numPredicted };
}

/**
 * Returns the Matthews correlation coefficient, for any number of classes (Gorodkin's R_K).
 *
 * @param yTrue `[n]` integers, n of at least 1
 * @param yPred `[n]` integers
 * @returns in [-1, 1]: 1 where all are right, 0 for chance; 0 too where all true or all predicted labels are one class
 * @throws TypeError where an argument is not an array
 * @throws RangeError where lengths differ, there are no samples, or a label is not an integer
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.matthews_corrcoef.html
 * @see Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient", 2004
 */
export function matthewsCorrcoef(yTrue: Labels, yPred: Labels): number {
  const matrix = countPairs('matthewsCorrcoef', yTrue, yPred, undefined);
  const { numTrue, numPredicted } = marginals(matrix);
  const numSamples = yTrue.length;
  let numCorrect = 0;
  let truePredicted = 0;
  let trueTrue = 0;
  let predictedPredicted = 0;
  for (let c = 0; c < matrix.length; c++) {
    numCorrect += matrix[c][c];
    truePredicted += numTrue[c] * numPredicted[c];
    trueTrue += numTrue[c] * numTrue[c];
    predictedPredicted += numPredicted[c] * numPredicted[c];
  }
  const covariance = numCorrect * numSamples - truePredicted;
  const variances = (numSamples * numSamples - trueTrue) * (numSamples * numSamples - predictedPredicted);
  return variances === 0 ? 0 : covariance / Math.sqrt(variances);
}

/** Settings of {@link cohenKappaScore}. */
export interface CohenKappaOptions {
  /** Which classes to count; default: all that occur, ascending. The order matters with `weights`. */
  readonly labels?: Labels;
  /** How much a confusion costs: the same for all (`null`, the default), or by its distance in `labels`. */
  readonly weights?: 'linear' | 'quadratic' | null;
}

/**
 * Returns Cohen's kappa: the agreement beyond what the two label frequencies give by chance.
 *
 * @param yTrue `[n]` integers, n of at least 1
 * @param yPred `[n]` integers
 * @param options samples whose true or predicted label is not among `labels` are left out, as in scikit-learn
 * @returns at most 1 (all agree), 0 for chance; NaN where all labels are of one class, as in scikit-learn
 * @throws TypeError where an argument is not an array
 * @throws RangeError where lengths differ, there are no samples, a label is not an integer, `labels` is empty, repeats
 *   one or has none of `yTrue`, or `weights` is none of the above
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.cohen_kappa_score.html
 * @see Cohen, "A coefficient of agreement for nominal scales", 1960
 */
export function cohenKappaScore(yTrue: Labels, yPred: Labels, options: CohenKappaOptions = {}): number {
  const weights = options.weights ?? null;
  if (weights !== null && !['linear', 'quadratic'].includes(weights)) {
    throw new RangeError(`cohenKappaScore: weights must be linear, quadratic or null, got ${weights}`);
  }
  const matrix = countPairs('cohenKappaScore', yTrue, yPred, options.labels);
  const { numTrue, numPredicted } = marginals(matrix);
  const numCounted = numTrue.reduce((sum, count) => sum + count, 0);
  let observed = 0;
  let expected = 0;
  for (let row = 0; row < matrix.length; row++) {
    for (let column = 0; column < matrix.length; column++) {
      const distance = Math.abs(row - column);
      const cost = weights === null ? Math.min(distance, 1) : weights === 'linear' ? distance : distance * distance;
      observed += cost * matrix[row][column];
      expected += (cost * numTrue[row] * numPredicted[column]) / numCounted;
    }
  }
  return 1 - observed / expected;
}
