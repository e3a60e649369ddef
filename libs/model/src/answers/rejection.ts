import { portableExp, portableLog } from '@digits/data';
import { rocAucScore, wilsonInterval } from '@digits/metrics';
import { choice, fields, type Fields, FINITE, type Schema } from '../json.ts';

/** Names of the scores, the least informed first. */
const REJECTION_SCORES = ['confidence', 'energy', 'none'] as const;

/**
 * How an image is scored to tell digits from everything else; higher is more like a digit.
 *
 * - `confidence`: the answer's probability, which any network gives
 * - `energy`: log of the sum of the exponentials of the digits' logits, which any network gives
 * - `none`: the same less the logit of "no digit", for networks that were trained with such a class: the log of the odds
 *   that the image is a digit
 *
 * @see https://arxiv.org/abs/1610.02136 Hendrycks and Gimpel, confidence as a baseline
 * @see https://arxiv.org/abs/2010.03759 Liu et al., energy
 */
type RejectionScore = (typeof REJECTION_SCORES)[number];

const REJECTION = {
  score: choice(REJECTION_SCORES),
  /** Fitted on validation data by `fitRejectionThreshold`. */
  threshold: FINITE,
};

/** When an image is "not a digit": its score is below the threshold. */
export type RejectionRule = Fields<typeof REJECTION>;

/** Schema of a rule's JSON. */
export const rejectionSchema: Schema<RejectionRule> = fields(REJECTION);

/** What scores are made of. */
interface RejectionScoreOptions {
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
  checkRejectionRule('rejectionScores: ', { score, threshold: 0 }, numOutputs - numClasses);
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
 * @param where what stands before the field's name in the error message
 * @param numExtraOutputs outputs beyond the classes: 1 if the last one means "no digit", else 0
 * @throws RangeError for the score `none` without such an output
 */
export function checkRejectionRule(where: string, rule: RejectionRule | null, numExtraOutputs: number): void {
  if (rule?.score === 'none' && numExtraOutputs === 0) {
    throw new RangeError(
      `${where}rejection.score must be confidence or energy for a network without a "no digit" output, got none`,
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

/** How well digits are told from everything else, at one threshold. */
export interface RejectionReport {
  /** Share of the digits that are answered, and Wilson's 95% interval of it. */
  readonly kept: number;
  readonly keptInterval: readonly [number, number];
  readonly numDigits: number;
  /** Share of the others that are refused, and Wilson's 95% interval of it. */
  readonly refused: number;
  readonly refusedInterval: readonly [number, number];
  readonly numOthers: number;
  /** Chance that a digit scores higher than one of the others, ties counting half; whatever the threshold. */
  readonly auroc: number;
}

/**
 * Finds the strictest threshold that still answers so many digits: half way between the score of the last one that is
 * kept and the next one's below, where some may be refused.
 *
 * @param scoresOfDigits `[n]` from the validation split, finite, higher is more like a digit
 * @param keep share of the digits that must not be refused, in (0, 1]; ask for more than is promised, as another split's share
 *   lies by chance a little lower
 * @throws RangeError where there is no score, one is not finite, or `keep` is out of range
 * @example
 * ```ts
 * fitRejectionThreshold([1, 2, 3, 4], 0.75); // 1.5: one in four may be refused
 * ```
 */
export function fitRejectionThreshold(scoresOfDigits: ArrayLike<number>, keep: number): number {
  requireScores('fitRejectionThreshold', 'scoresOfDigits', scoresOfDigits);
  if (!(keep > 0 && keep <= 1)) {
    throw new RangeError(`fitRejectionThreshold: keep must be in (0, 1], got ${keep}`);
  }
  const sorted = Float64Array.from(scoresOfDigits).sort();
  // The product of a share such as 0.998 and a count may lie just above the whole number that is meant.
  const numKept = Math.ceil(keep * sorted.length - 1e-9);
  const numRefused = sorted.length - numKept;
  return numRefused === 0 ? sorted[0] : (sorted[numRefused - 1] + sorted[numRefused]) / 2;
}

/**
 * Gives the figures of a threshold.
 *
 * @param scoresOfDigits `[n]`, higher is more like a digit; refused below the threshold
 * @param scoresOfOthers `[m]` of images that are no digits
 * @throws RangeError where there is no score of either or one is not finite
 */
export function measureRejection(
  scoresOfDigits: ArrayLike<number>,
  scoresOfOthers: ArrayLike<number>,
  threshold: number,
): RejectionReport {
  requireScores('measureRejection', 'scoresOfDigits', scoresOfDigits);
  requireScores('measureRejection', 'scoresOfOthers', scoresOfOthers);
  const [digits, others] = [Float64Array.from(scoresOfDigits), Float64Array.from(scoresOfOthers)];
  const numKept = digits.filter((score) => score >= threshold).length;
  const numRefused = others.filter((score) => score < threshold).length;
  const isDigit = Uint8Array.from({ length: digits.length + others.length }, (_, i) => Number(i < digits.length));
  return {
    kept: numKept / digits.length,
    keptInterval: wilsonInterval(numKept, digits.length),
    numDigits: digits.length,
    refused: numRefused / others.length,
    refusedInterval: wilsonInterval(numRefused, others.length),
    numOthers: others.length,
    auroc: rocAucScore(isDigit, concat(digits, others)),
  };
}

function requireScores(caller: string, name: string, scores: ArrayLike<number>): void {
  if (scores.length === 0) throw new RangeError(`${caller}: ${name} must hold at least one score, got none`);
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) {
      throw new RangeError(`${caller}: ${name} must be finite, got ${scores[i]} at ${i}`);
    }
  }
}

function concat(first: Float64Array, second: Float64Array): Float64Array {
  const both = new Float64Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
