import { checkClassScores, checkProbabilities, type Labels, type Probabilities } from './input.ts';

/**
 * Returns the share of samples whose true class is among the `k` highest scores.
 *
 * Of classes with equal scores the one with the highest index comes first, as where scikit-learn is given a column a
 * class (more than two).
 *
 * @param yTrue `[n]` integers in [0, numClasses), n of at least 1
 * @param yScore `[n, numClasses]` logits or probabilities, row-major, finite
 * @param numClasses at least 2
 * @param options `k` is a positive integer, default 2; from numClasses on the answer is 1
 * @returns in [0, 1]
 * @throws TypeError where an argument is not an array
 * @throws RangeError where there are no samples, a label or score is out of its range, lengths do not match, or `k` is
 *   not a positive integer
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.top_k_accuracy_score.html
 */
export function topKAccuracyScore(
  yTrue: Labels,
  yScore: ArrayLike<number>,
  numClasses: number,
  { k = 2 }: { readonly k?: number } = {},
): number {
  checkClassScores('topKAccuracyScore', yTrue, 'yScore', yScore, numClasses);
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new RangeError(`topKAccuracyScore: k must be a positive integer, got ${k}`);
  }
  let numHits = 0;
  for (let i = 0; i < yTrue.length; i++) {
    const trueScore = yScore[i * numClasses + yTrue[i]];
    let numBefore = 0;
    for (let c = 0; c < numClasses; c++) {
      const score = yScore[i * numClasses + c];
      if (score > trueScore || (score === trueScore && c > yTrue[i])) numBefore++;
    }
    if (numBefore < k) numHits++;
  }
  return numHits / yTrue.length;
}

/** Settings of {@link logLoss}. */
export interface LogLossOptions {
  /**
   * Probabilities are moved into [eps, 1 - eps], so that a certain error costs much but not infinitely much.
   * In (0, 0.5); default: the resolution of the array's type, 2^-23 for float32 and 2^-52 for float64.
   */
  readonly eps?: number;
  /**
   * The natural logarithm; default `Math.log`, whose last bit may differ from one processor or browser to the next.
   * Where the loss steers anything that must be the same on every machine (early stopping on the validation loss
   * decides which weights are kept), pass a portable one.
   */
  readonly log?: (x: number) => number;
}

/**
 * Returns the mean negative log-likelihood of the true classes (cross-entropy), in nats. Lower is better.
 *
 * As scikit-learn 1.2 does: probabilities are clipped, then each row is divided by its sum, which also takes out what
 * float32 softmax strays from 1. Computed in float64, summed in index order: the same bits everywhere for the same `log`.
 *
 * @param yTrue `[n]` integers in [0, numClasses), n of at least 1
 * @param probabilities `[n, numClasses]` in [0, 1], row-major, rows summing to 1
 * @param numClasses at least 2
 * @returns at least 0
 * @throws TypeError where an argument is not an array
 * @throws RangeError where there are no samples, a label or probability is out of its range, a row does not sum to 1
 *   (by more than 0.01), lengths do not match, or `eps` is out of its range
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html
 */
export function logLoss(
  yTrue: Labels,
  probabilities: Probabilities,
  numClasses: number,
  options: LogLossOptions = {},
): number {
  checkProbabilities('logLoss', yTrue, 'probabilities', probabilities, numClasses);
  const { eps = probabilities instanceof Float32Array ? 2 ** -23 : Number.EPSILON, log = Math.log } = options;
  if (!(eps > 0 && eps < 0.5)) throw new RangeError(`logLoss: eps must be in (0, 0.5), got ${eps}`);
  const clip = (probability: number) => Math.max(eps, Math.min(1 - eps, probability));
  let total = 0;
  for (let i = 0; i < yTrue.length; i++) {
    let rowSum = 0;
    for (let c = 0; c < numClasses; c++) rowSum += clip(probabilities[i * numClasses + c]);
    total -= log(clip(probabilities[i * numClasses + yTrue[i]]) / rowSum);
  }
  return total / yTrue.length;
}

/** Settings of {@link brierScore}. */
export interface BrierScoreOptions {
  /** Whether the sum over the classes is halved, so that it ends at 1; `auto` (the default) does so for two classes. */
  readonly scaleByHalf?: boolean | 'auto';
}

/**
 * Returns the mean squared distance between the probabilities and the one-hot true classes. Lower is better.
 *
 * For two classes that is the binary Brier score of scikit-learn's `brier_score_loss`, for more the sum over the
 * classes, as in its version 1.7.
 *
 * @param yTrue `[n]` integers in [0, numClasses), n of at least 1
 * @param probabilities `[n, numClasses]` in [0, 1], row-major, rows summing to 1
 * @param numClasses at least 2
 * @returns in [0, 2], or in [0, 1] where halved
 * @throws TypeError where an argument is not an array
 * @throws RangeError where there are no samples, a label or probability is out of its range, a row does not sum to 1
 *   (by more than 0.01), lengths do not match, or `scaleByHalf` is none of the above
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.brier_score_loss.html
 * @see Brier, "Verification of forecasts expressed in terms of probability", 1950
 */
export function brierScore(
  yTrue: Labels,
  probabilities: Probabilities,
  numClasses: number,
  { scaleByHalf = 'auto' }: BrierScoreOptions = {},
): number {
  checkProbabilities('brierScore', yTrue, 'probabilities', probabilities, numClasses);
  if (scaleByHalf !== 'auto' && typeof scaleByHalf !== 'boolean') {
    throw new RangeError(`brierScore: scaleByHalf must be true, false or auto, got ${String(scaleByHalf)}`);
  }
  let total = 0;
  for (let i = 0; i < yTrue.length; i++) {
    for (let c = 0; c < numClasses; c++) {
      const error = probabilities[i * numClasses + c] - (c === yTrue[i] ? 1 : 0);
      total += error * error;
    }
  }
  const isHalved = scaleByHalf === 'auto' ? numClasses === 2 : scaleByHalf;
  return (isHalved ? total / 2 : total) / yTrue.length;
}
