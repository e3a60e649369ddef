import { checkProbabilities, type Labels, type Probabilities } from './input.ts';

/** The samples whose top probability lies in (lower, upper]; the first bin takes 0 too. */
export interface ReliabilityBin {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  /** Mean top probability; null in an empty bin. */
  readonly meanConfidence: number | null;
  /** Share whose most probable class is the true one; null in an empty bin. */
  readonly accuracy: number | null;
}

/** What {@link expectedCalibrationError} gives: plain JSON. */
export interface CalibrationError {
  /** Mean distance between confidence and accuracy over the bins, weighted by their counts: in [0, 1]. */
  readonly ece: number;
  /** From low confidence to high, of equal width: what a reliability diagram shows. */
  readonly bins: readonly ReliabilityBin[];
}

/**
 * Returns how far the confidence of the most probable class is from how often it is right. Lower is better.
 *
 * Of equally probable classes the first counts as the answer.
 *
 * @param yTrue `[n]` integers in [0, numClasses), n of at least 1
 * @param probabilities `[n, numClasses]` in [0, 1], row-major, rows summing to 1
 * @param numClasses at least 2
 * @param options `numBins` is a positive integer, default 15
 * @throws TypeError where an argument is not an array
 * @throws RangeError where there are no samples, a label or probability is out of its range, a row does not sum to 1
 *   (by more than 0.01), lengths do not match, or `numBins` is not an integer in [1, 10000]
 * @see Guo et al., "On Calibration of Modern Neural Networks", 2017, https://arxiv.org/abs/1706.04599
 */
export function expectedCalibrationError(
  yTrue: Labels,
  probabilities: Probabilities,
  numClasses: number,
  { numBins = 15 }: { readonly numBins?: number } = {},
): CalibrationError {
  checkProbabilities('expectedCalibrationError', yTrue, 'probabilities', probabilities, numClasses);
  if (!Number.isInteger(numBins) || numBins < 1 || numBins > 10_000) {
    throw new RangeError(`expectedCalibrationError: numBins must be an integer in [1, 10000], got ${numBins}`);
  }
  const counts = new Float64Array(numBins);
  const confidences = new Float64Array(numBins);
  const hits = new Float64Array(numBins);
  for (let i = 0; i < yTrue.length; i++) {
    const row = probabilities.subarray(i * numClasses, (i + 1) * numClasses);
    const predicted = indexOfLargest(row);
    const bin = findBin(row[predicted], numBins);
    counts[bin]++;
    confidences[bin] += row[predicted];
    if (predicted === yTrue[i]) hits[bin]++;
  }
  let distance = 0;
  for (let bin = 0; bin < numBins; bin++) distance += Math.abs(confidences[bin] - hits[bin]);
  const bins = Array.from(counts, (count, bin) => ({
    lower: bin / numBins,
    upper: (bin + 1) / numBins,
    count,
    meanConfidence: count === 0 ? null : confidences[bin] / count,
    accuracy: count === 0 ? null : hits[bin] / count,
  }));
  return { ece: distance / yTrue.length, bins };
}

function indexOfLargest(row: Probabilities): number {
  let largest = 0;
  for (let c = 1; c < row.length; c++) if (row[c] > row[largest]) largest = c;
  return largest;
}

/** Index of the bin (i / numBins, (i + 1) / numBins] that holds `confidence`, by comparing with those very edges. */
function findBin(confidence: number, numBins: number): number {
  let bin = Math.max(0, Math.ceil(confidence * numBins) - 1);
  // The product is rounded: a confidence beside an edge may come out one bin off.
  if (bin > 0 && confidence <= bin / numBins) bin--;
  else if (confidence > (bin + 1) / numBins) bin++;
  return bin;
}
