import { rocAucScore, wilsonInterval } from '@digits/metrics';

/** How well digits are told from what is none, at one threshold. */
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
