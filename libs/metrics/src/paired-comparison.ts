import { Z_95 } from './wilson-interval.ts';

/**
 * Returns the p-value of McNemar's exact test of two classifiers on the same samples: how probable a split of the samples that only one
 * answers correctly is, at least as uneven as this, if both are equally good. Two-sided, without the mid-p correction.
 *
 * @param numOnlyFirst number of samples that only the first classifier answers correctly
 * @param numOnlySecond number of samples that only the second classifier answers correctly
 * @returns in (0, 1]; 1 if there are no such samples
 * @throws RangeError if a number is not an integer of at least 0
 * @see McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", 1947
 * @example
 * ```ts
 * mcnemarTest(1, 8); // 0.0390625: 2 * (1 + 9) / 2 ** 9
 * ```
 */
export function mcnemarTest(numOnlyFirst: number, numOnlySecond: number): number {
  checkCount('mcnemarTest', 'numOnlyFirst', numOnlyFirst);
  checkCount('mcnemarTest', 'numOnlySecond', numOnlySecond);
  const trials = numOnlyFirst + numOnlySecond;
  const fewer = Math.min(numOnlyFirst, numOnlySecond);
  if (2 * fewer === trials) return 1;
  // From the largest term down, as the smallest ones may be below what a double holds.
  let logTerm = -trials * Math.LN2;
  for (let i = 1; i <= fewer; i++) logTerm += Math.log((trials - i + 1) / i);
  let ratio = 1;
  let sum = 1;
  for (let i = fewer; i > 0; i--) {
    ratio *= i / (trials - i + 1);
    sum += ratio;
  }
  return Math.min(1, 2 * sum * Math.exp(logTerm));
}

/**
 * Returns Tango's score interval of the difference of two accuracies on the same samples, the second minus the first. Unlike the
 * difference +- z * standard error, it stays within [-1, 1] and says something if the classifiers hardly differ.
 *
 * @param numOnlyFirst number of samples that only the first classifier answers correctly
 * @param numOnlySecond number of samples that only the second classifier answers correctly
 * @param count number of all samples, at least 1
 * @param options `z` is how many standard deviations wide, positive; default 1.959963984540054 for 95%
 * @returns `[lower, upper]`, both in [-1, 1]
 * @throws RangeError if an argument is out of its range
 * @see Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design", 1998
 */
export function pairedDifferenceInterval(
  numOnlyFirst: number,
  numOnlySecond: number,
  count: number,
  { z = Z_95 }: { readonly z?: number } = {},
): [lower: number, upper: number] {
  const caller = 'pairedDifferenceInterval';
  checkCount(caller, 'numOnlyFirst', numOnlyFirst);
  checkCount(caller, 'numOnlySecond', numOnlySecond);
  const numDiffering = numOnlyFirst + numOnlySecond;
  if (!Number.isSafeInteger(count) || count < 1 || count < numDiffering) {
    throw new RangeError(`${caller}: count must be an integer of at least ${Math.max(1, numDiffering)}, got ${count}`);
  }
  if (!(z > 0 && z < Infinity)) throw new RangeError(`${caller}: z must be positive and finite, got ${z}`);
  const score = (difference: number) => scoreOf(numOnlyFirst, numOnlySecond, count, difference);
  const estimate = (numOnlySecond - numOnlyFirst) / count;
  return [bisect((at) => score(at) < z, -1, estimate), bisect((at) => score(at) < -z, estimate, 1)];
}

/** How many standard deviations the observed difference is above a true one, with the share of the rest most likely under it. */
function scoreOf(numOnlyFirst: number, numOnlySecond: number, count: number, difference: number): number {
  const above = numOnlySecond - numOnlyFirst - count * difference;
  if (above === 0) return 0;
  // Share of the samples that only the first answers: the root of a share ** 2 + b share + c.
  const a = 2 * count;
  const b = -numOnlyFirst - numOnlySecond + (2 * count - numOnlySecond + numOnlyFirst) * difference;
  const c = -numOnlyFirst * difference * (1 - difference);
  const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
  const variance = count * (2 * share + difference * (1 - difference));
  return variance > 0 ? above / Math.sqrt(variance) : Math.sign(above) * Infinity;
}

/** Finds where a condition that is false at `low` and true at `high` changes; `high` if it never does. */
function bisect(holds: (at: number) => boolean, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let middle = (from + to) / 2; middle > from && middle < to; middle = (from + to) / 2) {
    if (holds(middle)) to = middle;
    else from = middle;
  }
  return to;
}

function checkCount(caller: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${caller}: ${name} must be an integer of at least 0, got ${value}`);
  }
}
