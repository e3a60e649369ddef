import { checkFinite, checkLabels, type Labels } from './input.ts';

/**
 * Average precision of scores: the precision at each score, weighted by how much recall it adds. Unlike the area under the ROC curve, it
 * does not get better with the number of easy negatives.
 *
 * @param yTrue `[n]` 1 for positive samples, 0 for others; n of at least 1
 * @param yScore `[n]` higher for samples that are more likely positive
 * @returns in [0, 1]; 0 if there are no positive samples
 * @throws TypeError if an argument is not an array
 * @throws RangeError if lengths differ, there are no samples, a label is neither 0 nor 1, or a score is not finite
 * @example
 * ```ts
 * averagePrecisionScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // 0.8333
 * ```
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.average_precision_score.html
 */
export function averagePrecisionScore(yTrue: Labels, yScore: ArrayLike<number>): number {
  const caller = 'averagePrecisionScore';
  checkLabels(caller, 'yTrue', yTrue);
  checkFinite(caller, 'yScore', yScore);
  if (yScore.length !== yTrue.length) {
    throw new RangeError(
      `${caller}: yScore must have as many scores as yTrue has labels (${yTrue.length}), got ${yScore.length}`,
    );
  }
  const order = Uint32Array.from({ length: yScore.length }, (_, i) => i).sort((a, b) => yScore[a] - yScore[b]);
  const positives: number[] = [];
  const negatives: number[] = [];
  order.forEach((sample, i) => {
    if (yTrue[sample] !== 0 && yTrue[sample] !== 1) {
      throw new RangeError(`${caller}: yTrue must be 0 or 1, got ${yTrue[sample]} at index ${sample}`);
    }
    if (i === 0 || yScore[sample] !== yScore[order[i - 1]]) {
      positives.push(0);
      negatives.push(0);
    }
    (yTrue[sample] === 1 ? positives : negatives)[positives.length - 1]++;
  });
  return averagePrecisionOfCounts({ positives, negatives });
}

/** Samples counted by score: for sets that are too large to sort, such as the pixels of images. */
export interface ScoreCounts {
  /** `[numBins]` positive samples with scores in each bin, the bins in ascending order of scores. */
  readonly positives: ArrayLike<number>;
  /** `[numBins]` negative samples with scores in each bin. */
  readonly negatives: ArrayLike<number>;
}

/**
 * Average precision of counted scores: that of {@link averagePrecisionScore} if all scores of a bin are the same. Otherwise it is
 * between those of the two extreme orders within each bin, positives first and negatives first.
 *
 * @returns in [0, 1]; 0 if there are no positive samples
 * @throws RangeError if there are no bins, or not as many for positive and for negative samples
 */
export function averagePrecisionOfCounts(counts: ScoreCounts): number {
  checkCounts('averagePrecisionOfCounts', counts);
  const { positives, negatives } = counts;
  const numPositive = total(positives);
  let [numTrue, numFalse, area] = [0, 0, 0];
  for (let bin = positives.length - 1; bin >= 0; bin--) {
    numTrue += positives[bin];
    numFalse += negatives[bin];
    if (positives[bin] > 0) area += (positives[bin] / numPositive) * (numTrue / (numTrue + numFalse));
  }
  return area;
}

/** Scores at one threshold: samples in its bin and in higher bins count as positive. */
export interface ThresholdScores {
  /** Lowest bin that counts as positive. */
  readonly bin: number;
  /** Share of right ones among the samples that count as positive; 0 if there are none. */
  readonly precision: number;
  /** Share of the positive samples that count as positive; 0 if there are none. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
}

/**
 * Precision, recall and F1 at a threshold, exact for the lower edge of its bin.
 *
 * @param bin lowest bin that counts as positive
 * @throws RangeError if there is no such bin, or not as many bins for positive and for negative samples
 */
export function f1OfCounts(counts: ScoreCounts, bin: number): ThresholdScores {
  checkCounts('f1OfCounts', counts);
  const { positives, negatives } = counts;
  if (!Number.isInteger(bin) || bin < 0 || bin >= positives.length) {
    throw new RangeError(`f1OfCounts: bin must be a whole number in [0, ${positives.length}), got ${bin}`);
  }
  const sumFrom = (values: ArrayLike<number>) => total(Array.from(values).slice(bin));
  return scoresAt(bin, sumFrom(positives), sumFrom(negatives), total(positives));
}

/**
 * Finds the threshold with the highest F1, the highest threshold of equals.
 *
 * @throws RangeError if there are no bins, or not as many for positive and for negative samples
 */
export function bestF1OfCounts(counts: ScoreCounts): ThresholdScores {
  checkCounts('bestF1OfCounts', counts);
  const { positives, negatives } = counts;
  const numPositive = total(positives);
  let [numTrue, numFalse] = [0, 0];
  let best: ThresholdScores | null = null;
  for (let bin = positives.length - 1; bin >= 0; bin--) {
    numTrue += positives[bin];
    numFalse += negatives[bin];
    const scores = scoresAt(bin, numTrue, numFalse, numPositive);
    if (best === null || scores.f1 > best.f1) best = scores;
  }
  return best ?? scoresAt(0, 0, 0, 0);
}

function scoresAt(bin: number, numTrue: number, numFalse: number, numPositive: number): ThresholdScores {
  const ratio = (numerator: number, denominator: number) => (denominator === 0 ? 0 : numerator / denominator);
  return {
    bin,
    precision: ratio(numTrue, numTrue + numFalse),
    recall: ratio(numTrue, numPositive),
    f1: ratio(2 * numTrue, numTrue + numFalse + numPositive),
  };
}

function checkCounts(caller: string, { positives, negatives }: ScoreCounts): void {
  if (positives.length === 0) throw new RangeError(`${caller}: counts must have at least 1 bin, got 0`);
  if (negatives.length !== positives.length) {
    throw new RangeError(
      `${caller}: negatives must have as many bins as positives (${positives.length}), got ${negatives.length}`,
    );
  }
}

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}
