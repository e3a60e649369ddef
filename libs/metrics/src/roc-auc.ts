import { checkFinite, checkLabels, checkProbabilities, type Labels, presentLabels } from './input.ts';
import type { Average } from './precision-recall.ts';

/** Settings of {@link rocAucScore}, beside how it averages. */
export interface RocAucOptions {
  /** Columns of `yScore`, at least 2, for one-vs-rest; leave it out for two classes and one score a sample. */
  readonly numClasses?: number;
}

/**
 * Returns the area under the receiver operating characteristic curve: the chance that a sample of the class scores
 * higher than one of the others, ties counting half.
 *
 * For two classes `yScore` holds one score a sample, higher for the greater label. With `numClasses` it holds one
 * column a class, and each class is set against the rest.
 *
 * @param yTrue `[n]` integers: any two labels, or all in [0, numClasses)
 * @param yScore `[n]` finite scores, or `[n, numClasses]` probabilities, row-major, rows summing to 1
 * @param options `average` over the classes: `macro` (the default), `weighted` by support, `micro` (all
 *   sample-class pairs as one ranking), or null for each class by itself
 * @returns in [0, 1]: 0.5 for chance; `[numClasses]` with `average: null`
 * @throws TypeError where an argument is not an array
 * @throws RangeError where lengths do not match, a label or score is out of its range, `yTrue` holds other than two
 *   classes, or (with `numClasses`, but for `micro`) a class of which all or none of the samples are
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
 */
export function rocAucScore(
  yTrue: Labels,
  yScore: ArrayLike<number>,
  options?: RocAucOptions & { readonly average?: Average },
): number;
export function rocAucScore(
  yTrue: Labels,
  yScore: ArrayLike<number>,
  options: Required<RocAucOptions> & { readonly average: null },
): number[];
export function rocAucScore(
  yTrue: Labels,
  yScore: ArrayLike<number>,
  { numClasses, average = 'macro' }: RocAucOptions & { readonly average?: Average | null } = {},
): number | number[] {
  if (average !== null && !['micro', 'macro', 'weighted'].includes(average)) {
    throw new RangeError(`rocAucScore: average must be micro, macro, weighted or null, got ${average}`);
  }
  if (numClasses === undefined) return binaryArea(yTrue, yScore);
  checkProbabilities('rocAucScore', yTrue, 'yScore', yScore, numClasses);
  if (average === 'micro') {
    return areaUnderCurve(
      Float64Array.from(yScore),
      Uint8Array.from(yScore, (_, pair) => Number(yTrue[Math.floor(pair / numClasses)] === pair % numClasses)),
    );
  }
  const areas: number[] = [];
  const weights: number[] = [];
  for (let c = 0; c < numClasses; c++) {
    const isClass = Uint8Array.from(yTrue, (label) => Number(label === c));
    const support = isClass.reduce((sum, flag) => sum + flag, 0);
    if (support === 0 || support === yTrue.length) {
      throw new RangeError(
        `rocAucScore: yTrue must hold samples of each class and of others, got ${support} of ${yTrue.length} of class ${c}`,
      );
    }
    areas.push(
      areaUnderCurve(
        Float64Array.from(yTrue, (_, i) => yScore[i * numClasses + c]),
        isClass,
      ),
    );
    weights.push(average === 'weighted' ? support : 1);
  }
  if (average === null) return areas;
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  return areas.reduce((sum, area, c) => sum + area * weights[c], 0) / weightSum;
}

function binaryArea(yTrue: Labels, yScore: ArrayLike<number>): number {
  checkLabels('rocAucScore', 'yTrue', yTrue);
  checkFinite('rocAucScore', 'yScore', yScore);
  if (yScore.length !== yTrue.length) {
    throw new RangeError(
      `rocAucScore: yScore must have as many scores as yTrue has labels (${yTrue.length}), got ${yScore.length}; ` +
        'pass numClasses where there is a column a class',
    );
  }
  const classes = presentLabels(yTrue, []);
  if (classes.length !== 2) {
    throw new RangeError(`rocAucScore: yTrue must hold 2 classes, got ${classes.length} (${classes.join(', ')})`);
  }
  return areaUnderCurve(
    Float64Array.from(yScore),
    Uint8Array.from(yTrue, (label) => Number(label === classes[1])),
  );
}

/** Trapezoids over the distinct scores, in whole numbers: the counts of pairs are exact. */
function areaUnderCurve(scores: Float64Array, isPositive: Uint8Array): number {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  let numPositive = 0;
  let numNegative = 0;
  let doubleArea = 0;
  for (let start = 0; start < order.length;) {
    const numPositiveBefore = numPositive;
    const numNegativeBefore = numNegative;
    let end = start;
    for (; end < order.length && scores[order[end]] === scores[order[start]]; end++) {
      if (isPositive[order[end]] === 1) numPositive++;
      else numNegative++;
    }
    doubleArea += (numNegative - numNegativeBefore) * (numPositive + numPositiveBefore);
    start = end;
  }
  return doubleArea / (2 * numPositive * numNegative);
}
