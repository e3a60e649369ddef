import { portableExp, portableLog } from '@digits/data';

/** Names of the scores, the least informed first. */
export const REJECTION_SCORES = ['confidence', 'energy', 'none'] as const;

/**
 * How an image is scored to tell digits from what is none; higher is more like a digit.
 *
 * - `confidence`: the answer's probability, which any network gives
 * - `energy`: log of the sum of the exponentials of the digits' logits, which any network gives
 * - `none`: the same less the logit of "no digit", for networks that were trained with such a class: the log of the odds
 *   that the image is a digit
 *
 * @see https://arxiv.org/abs/1610.02136 Hendrycks and Gimpel, confidence as a baseline
 * @see https://arxiv.org/abs/2010.03759 Liu et al., energy
 */
export type RejectionScore = (typeof REJECTION_SCORES)[number];

/** When an image is "not a digit": its score is below the threshold. */
export interface RejectionRule {
  readonly score: RejectionScore;
  /** Fitted on validation data by `fitRejectionThreshold`. */
  readonly threshold: number;
}

/** What scores are made of. */
export interface RejectionScoreOptions {
  /** How many of the outputs are digits: all, or all but the last one, which then is "no digit". */
  readonly numClasses: number;
  readonly score: RejectionScore;
  /** What logits are divided by for `confidence`; default 1. */
  readonly temperature?: number;
}

/**
 * Scores how much images look like digits to a network.
 *
 * @param logits `[n, numClasses]`, or `[n, numClasses + 1]` from a network with a class for "no digit"
 * @param numOutputs columns of `logits`
 * @returns `[n]`, higher is more like a digit
 * @throws RangeError when lengths do not fit, or for `none` there is no such output
 */
export function rejectionScores(
  logits: Float32Array,
  numOutputs: number,
  options: RejectionScoreOptions,
): Float64Array {
  const { numClasses, score, temperature = 1 } = options;
  if (numOutputs !== numClasses && numOutputs !== numClasses + 1) {
    throw new RangeError(`rejectionScores: numOutputs must be ${numClasses} or ${numClasses + 1}, got ${numOutputs}`);
  }
  checkRejectionRule('rejectionScores', { score, threshold: 0 }, numOutputs - numClasses);
  if (logits.length % numOutputs !== 0) {
    throw new RangeError(`rejectionScores: logits must have a multiple of ${numOutputs} values, got ${logits.length}`);
  }
  return Float64Array.from({ length: logits.length / numOutputs }, (_, n) => {
    const start = n * numOutputs;
    const digits = logits.subarray(start, start + numClasses);
    switch (score) {
      case 'confidence':
        return largestProbability(digits, temperature);
      case 'energy':
        return energyScore(digits);
      case 'none':
        return energyScore(digits) - logits[start + numClasses];
    }
  });
}

/**
 * Refuses a rule that asks for an output which the network lacks.
 *
 * @param numExtraOutputs outputs beyond the classes: 1 where the last stands for "no digit", else 0
 * @throws RangeError for the score `none` without such an output
 */
export function checkRejectionRule(caller: string, rule: RejectionRule | null, numExtraOutputs: number): void {
  if (rule?.score === 'none' && numExtraOutputs === 0) {
    throw new RangeError(
      `${caller}: rejection.score must be confidence or energy for a network without a "no digit" output, got none`,
    );
  }
}

/**
 * Scores one image by its free energy.
 *
 * @param logits `[numClasses]`
 * @returns log(sum(exp(logits)))
 */
export function energyScore(logits: Float32Array): number {
  const max = largest(logits);
  return max + portableLog(logits.reduce((sum, logit) => sum + portableExp(logit - max), 0));
}

function largestProbability(logits: Float32Array, temperature: number): number {
  const max = largest(logits);
  return 1 / logits.reduce((sum, logit) => sum + portableExp((logit - max) / temperature), 0);
}

function largest(values: Float32Array): number {
  return values.reduce((max, value) => Math.max(max, value), -Infinity);
}
