import { portableLog } from '@digits/data';
import { logLoss } from '@digits/metrics';
import { softmax } from './softmax.ts';

/** The range searched: what a few images say can't turn answers into certainties or into guesses. */
const LOWEST = 0.2;
const HIGHEST = 5;

/** The golden section, which keeps one of two inner points for the next round. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Rounds, each of which leaves 62% of the range: 30 leave 3e-6 of it. */
const ROUNDS = 30;

/**
 * Fits the temperature: the one that logits are divided by for the lowest log loss. The loss is convex in its inverse, which is
 * searched; no host function is used, so that the answer is the same everywhere.
 *
 * @param logits `[n, numClasses]` of the validation split
 * @param labels `[n]`, n of at least 1
 * @returns in [0.2, 5]; above 1 where the network is too sure of itself, below where it is too modest
 * @throws RangeError where lengths do not fit
 * @see https://arxiv.org/abs/1706.04599 Guo et al., "On Calibration of Modern Neural Networks"
 */
export function fitTemperature(logits: Float32Array, labels: Uint8Array, numClasses: number): number {
  const lossAt = (inverse: number): number =>
    logLoss(labels, softmax(logits, numClasses, 1 / inverse), numClasses, { log: portableLog });
  let [low, high] = [1 / HIGHEST, 1 / LOWEST];
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let [lossLeft, lossRight] = [lossAt(left), lossAt(right)];
  for (let round = 0; round < ROUNDS; round++) {
    if (lossLeft <= lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - GOLDEN * (high - low);
      lossLeft = lossAt(left);
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + GOLDEN * (high - low);
      lossRight = lossAt(right);
    }
  }
  return 2 / (low + high);
}
