/** An image whose label is probably wrong. */
export interface SuspiciousLabel {
  /** Place in the set. */
  readonly index: number;
  readonly label: number;
  /** The class that it probably is. */
  readonly suggestion: number;
  /** Probability of its label. */
  readonly labelProbability: number;
  /** Probability of the suggestion. */
  readonly probability: number;
}

/**
 * Finds labels that are probably wrong by confident learning: a class is counted as likely for an image if its probability reaches the
 * mean probability of that class among the images with that label. An image is suspicious if its most probable likely class is not
 * its label.
 *
 * @param labels `[n]`
 * @param probabilities `[n, numClasses]` of networks that were not trained on the image
 * @returns the surest first: those whose label is least probable beside the suggestion
 * @see https://arxiv.org/abs/1911.00068 Northcutt, Jiang and Chuang, "Confident Learning", 2021
 */
export function findSuspiciousLabels(
  labels: Uint8Array,
  probabilities: Float64Array,
  numClasses: number,
): readonly SuspiciousLabel[] {
  const sums = new Float64Array(numClasses);
  const counts = new Float64Array(numClasses);
  labels.forEach((label, i) => {
    sums[label] += probabilities[i * numClasses + label];
    counts[label]++;
  });
  const thresholds = sums.map((sum, label) => (counts[label] === 0 ? Infinity : sum / counts[label]));
  const found: SuspiciousLabel[] = [];
  labels.forEach((label, index) => {
    const row = probabilities.subarray(index * numClasses, (index + 1) * numClasses);
    let suggestion = -1;
    row.forEach((probability, answer) => {
      if (probability >= thresholds[answer] && (suggestion === -1 || probability > row[suggestion]))
        suggestion = answer;
    });
    if (suggestion === -1 || suggestion === label) return;
    found.push({ index, label, suggestion, labelProbability: row[label], probability: row[suggestion] });
  });
  return found.sort((a, b) => a.labelProbability - a.probability - (b.labelProbability - b.probability));
}
