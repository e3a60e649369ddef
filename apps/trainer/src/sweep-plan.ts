import { shuffledIndices } from '@digits/data';
import { UsageError } from './command-line.ts';

/** Values to try, by the setting's name. */
export type SweepSpace = Readonly<Record<string, readonly unknown[]>>;

/** One combination of values. */
export interface Trial {
  /** Its place in the whole grid: the same combination has the same number however many are tried. */
  readonly number: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What a grid may hold, so that a typing error does not fill the memory. */
const MAX_COMBINATIONS = 100_000;

/**
 * Lists the combinations of all values, those of the first setting changing first.
 *
 * @param maxTrials tries so many of them, drawn by the seed; all where there are no more
 * @throws UsageError where there are no settings, or more than 100,000 combinations
 */
export function planSweep(space: SweepSpace, maxTrials: number, seed: number): readonly Trial[] {
  const entries = Object.entries(space);
  if (entries.length === 0) throw new UsageError('sweep: --set name=value,value must be given, got none');
  const numCombinations = entries.reduce((product, [, values]) => product * values.length, 1);
  if (numCombinations > MAX_COMBINATIONS) {
    throw new UsageError(`sweep: --set must make at most ${MAX_COMBINATIONS} combinations, got ${numCombinations}`);
  }
  const all = Array.from({ length: numCombinations }, (_, number) => ({
    number,
    settings: combination(entries, number),
  }));
  if (numCombinations <= maxTrials) return all;
  const drawn = new Set(shuffledIndices(numCombinations, seed, 0).subarray(0, maxTrials));
  return all.filter(({ number }) => drawn.has(number));
}

function combination(entries: readonly (readonly [string, readonly unknown[]])[], number: number): Trial['settings'] {
  let rest = number;
  const settings = entries.map(([name, values]): [string, unknown] => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return [name, value];
  });
  return Object.fromEntries(settings);
}
