import { portableExp } from '@digits/data';

/**
 * Turns logits into probabilities; the same bits everywhere, as no host `exp` is used.
 *
 * @param logits `[n, numClasses]`, row-major
 * @param temperature what logits are divided by first, above 0; 1 for none
 * @returns `[n, numClasses]` float64, each row summing to 1; NaN where a row of logits has a NaN or nothing but infinities
 * @throws RangeError when the length is no multiple of numClasses
 */
export function softmax(logits: Float32Array, numClasses: number, temperature = 1): Float64Array {
  if (logits.length % numClasses !== 0) {
    throw new RangeError(`softmax: logits must have a multiple of ${numClasses} values, got ${logits.length}`);
  }
  const probabilities = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += numClasses) {
    const row = logits.subarray(start, start + numClasses);
    const max = row.reduce((largest, logit) => Math.max(largest, logit), -Infinity);
    let sum = 0;
    row.forEach((logit, c) => (sum += probabilities[start + c] = portableExp((logit - max) / temperature)));
    row.forEach((_, c) => (probabilities[start + c] /= sum));
  }
  return probabilities;
}

/**
 * Gives the most probable class of each row.
 *
 * @param scores `[n, numClasses]` logits or probabilities
 * @returns `[n]` index of the largest, the first of equals
 */
export function mostProbableClasses(scores: Float32Array | Float64Array, numClasses: number): Uint32Array {
  return Uint32Array.from({ length: scores.length / numClasses }, (_, n) => {
    const start = n * numClasses;
    let best = 0;
    for (let c = 1; c < numClasses; c++) if (scores[start + c] > scores[start + best]) best = c;
    return best;
  });
}

/**
 * Leaves out the output for "no digit".
 *
 * @param logits `[n, numOutputs]`
 * @returns `[n, numClasses]`, the leading columns; the same array where there are no others
 */
export function leadingColumns(logits: Float32Array, numOutputs: number, numClasses: number): Float32Array {
  if (numOutputs === numClasses) return logits;
  const numRows = logits.length / numOutputs;
  const leading = new Float32Array(numRows * numClasses);
  for (let n = 0; n < numRows; n++) {
    leading.set(logits.subarray(n * numOutputs, n * numOutputs + numClasses), n * numClasses);
  }
  return leading;
}
