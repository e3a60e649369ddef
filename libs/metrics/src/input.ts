/** Class labels, one a sample: integers. A `Uint8Array` as it lies in an IDX set is the usual one. */
export type Labels = ArrayLike<number>;

/** `[n, numClasses]` values in [0, 1], row-major, each row summing to 1. */
export type Probabilities = Float32Array | Float64Array;

/**
 * How far a row of probabilities may be from summing to 1: float32 softmax strays by 1e-6, probabilities rounded to
 * three digits by 1e-3 a class or so, and what is farther off is logits or another array altogether.
 */
const SUM_TOLERANCE = 0.01;

/**
 * Refuses anything but a non-empty array-like of integers.
 *
 * @throws TypeError where `labels` is not an array, RangeError for its contents
 */
export function checkLabels(caller: string, argument: string, labels: Labels): void {
  checkArrayLike(caller, argument, labels, 'integers');
  if (labels.length === 0) throw new RangeError(`${caller}: ${argument} must hold at least 1 label, got 0`);
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isSafeInteger(labels[i])) {
      throw new RangeError(`${caller}: ${argument} must hold integers, got ${labels[i]} at index ${i}`);
    }
  }
}

function checkArrayLike(caller: string, argument: string, values: unknown, kind: string): void {
  if (typeof values === 'object' && values !== null && 'length' in values) return;
  const got = values === null ? 'null' : typeof values;
  throw new TypeError(`${caller}: ${argument} must be an array or typed array of ${kind}, got ${got}`);
}

/**
 * Refuses labels that are no pair: both integers, equally many, at least one.
 *
 * @throws TypeError where one is not an array, RangeError for its contents
 */
export function checkLabelPair(caller: string, yTrue: Labels, yPred: Labels): void {
  checkLabels(caller, 'yTrue', yTrue);
  checkLabels(caller, 'yPred', yPred);
  if (yPred.length !== yTrue.length) {
    throw new RangeError(`${caller}: yPred must have as many labels as yTrue (${yTrue.length}), got ${yPred.length}`);
  }
}

/**
 * Settles which classes are counted, and in which order.
 *
 * @param labels the caller's choice, distinct; undefined for all that occur
 * @returns `labels`, or the sorted distinct labels of both arrays
 * @throws RangeError where `labels` is empty or repeats one
 */
export function resolveLabels(caller: string, yTrue: Labels, yPred: Labels, labels: Labels | undefined): number[] {
  if (labels === undefined) return presentLabels(yTrue, yPred);
  checkLabels(caller, 'labels', labels);
  const chosen = Array.from(labels);
  const repeated = chosen.find((label, i) => chosen.indexOf(label) !== i);
  if (repeated !== undefined) throw new RangeError(`${caller}: labels must be distinct, got ${repeated} twice`);
  return chosen;
}

/** The distinct labels of both arrays, ascending. */
export function presentLabels(yTrue: Labels, yPred: Labels): number[] {
  return [...new Set([...Array.from(yTrue), ...Array.from(yPred)])].sort((a, b) => a - b);
}

/**
 * Refuses scores that are not one row of `numClasses` a label, and labels that name no column.
 *
 * @throws TypeError where an argument is not an array, RangeError for its contents
 */
export function checkClassScores(
  caller: string,
  yTrue: Labels,
  argument: string,
  scores: ArrayLike<number>,
  numClasses: number,
): void {
  if (!Number.isSafeInteger(numClasses) || numClasses < 2) {
    throw new RangeError(`${caller}: numClasses must be an integer of at least 2, got ${numClasses}`);
  }
  checkLabels(caller, 'yTrue', yTrue);
  for (let i = 0; i < yTrue.length; i++) {
    if (yTrue[i] < 0 || yTrue[i] >= numClasses) {
      throw new RangeError(`${caller}: yTrue must be in [0, ${numClasses}), got ${yTrue[i]} at index ${i}`);
    }
  }
  checkArrayLike(caller, argument, scores, 'numbers');
  if (scores.length !== yTrue.length * numClasses) {
    throw new RangeError(
      `${caller}: ${argument} must have ${yTrue.length} x ${numClasses} values, one row a label, got ${scores.length}`,
    );
  }
  checkFinite(caller, argument, scores);
}

/**
 * Refuses scores that are NaN or infinite.
 *
 * @throws TypeError where `scores` is not an array, RangeError for its contents
 */
export function checkFinite(caller: string, argument: string, scores: ArrayLike<number>): void {
  checkArrayLike(caller, argument, scores, 'numbers');
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) {
      throw new RangeError(`${caller}: ${argument} must be finite, got ${scores[i]} at index ${i}`);
    }
  }
}

/**
 * Refuses what {@link checkClassScores} refuses, values outside [0, 1], and rows that do not sum to 1.
 *
 * @throws TypeError where an argument is not an array, RangeError for its contents
 */
export function checkProbabilities(
  caller: string,
  yTrue: Labels,
  argument: string,
  probabilities: ArrayLike<number>,
  numClasses: number,
): void {
  checkClassScores(caller, yTrue, argument, probabilities, numClasses);
  for (let i = 0; i < yTrue.length; i++) {
    let sum = 0;
    for (let c = 0; c < numClasses; c++) {
      const probability = probabilities[i * numClasses + c];
      if (probability < 0 || probability > 1) {
        throw new RangeError(
          `${caller}: ${argument} must be in [0, 1], got ${probability} for sample ${i}, class ${c}; ` +
            'turn logits into probabilities first (softmax)',
        );
      }
      sum += probability;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new RangeError(`${caller}: ${argument} must sum to 1 in each row, got ${sum} for sample ${i}`);
    }
  }
}
