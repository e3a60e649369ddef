import { portableLog, type RandomStream, shuffledIndices } from '@digits/data';
import { UsageError } from '../command-line.ts';
import { estimateDensity, estimateProbabilities, type ParzenDensity } from './parzen.ts';
import {
  chooseSettings,
  coordinateBounds,
  coordinateOf,
  type Domain,
  drawValue,
  isRange,
  openTrialStream,
  type Space,
  type TrialSettings,
  valueAt,
} from './space.ts';

/** How a sweep chooses what to try. */
export const STRATEGIES = ['grid', 'random', 'tpe', 'asha'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** How good a trial is on the validation split. */
export interface Score {
  readonly accuracy: number;
  readonly loss: number;
}

/** Result of a trial, which samplers learn from. */
export interface TrialResult {
  readonly settings: TrialSettings;
  /** Null for a trial that failed, which counts as the worst. */
  readonly score: Score | null;
}

/** Orders scores, the best first: by accuracy, then by loss; trials that failed come last. */
export function compareScores(a: Score | null, b: Score | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return b.accuracy - a.accuracy || a.loss - b.loss;
}

/** Maximum size of a grid: a typing error must not fill the memory. */
const MAX_COMBINATIONS = 100_000;

/** One combination of a grid. */
export interface GridTrial {
  /** Its place in the whole grid: the same combination has the same number for any number of trials. */
  readonly number: number;
  readonly settings: TrialSettings;
}

/**
 * Lists the combinations of all values, those of the first setting changing first. Combinations that differ only in settings whose
 * conditions do not hold are one.
 *
 * @param maxTrials maximum number of combinations; a larger grid is sampled by the seed
 * @throws UsageError if a setting has a range, or there are more than 100,000 combinations
 */
export function planGrid(space: Space, maxTrials: number, seed: number): readonly GridTrial[] {
  const lists = Object.entries(space).map(([name, domain]) => {
    if (!isRange(domain)) return domain.values;
    throw new UsageError(
      `sweep: --strategy grid must have a list of values for ${name}, got a range; add :points=N to it, or choose random, tpe or asha`,
    );
  });
  const numCombinations = lists.reduce((product, values) => product * values.length, 1);
  if (numCombinations > MAX_COMBINATIONS) {
    throw new UsageError(
      `sweep: a grid must make at most ${MAX_COMBINATIONS} combinations, got ${numCombinations}; choose --strategy random`,
    );
  }
  const unique = new Map<string, TrialSettings>();
  for (let number = 0; number < numCombinations; number++) {
    const digits = digitsOf(number, lists);
    const settings = chooseSettings(space, (_name, _domain, index) => lists[index][digits[index]]);
    const key = JSON.stringify(settings);
    if (!unique.has(key)) unique.set(key, settings);
  }
  const all = [...unique.values()].map((settings, number) => ({ number, settings }));
  if (all.length <= maxTrials) return all;
  const drawn = new Set(shuffledIndices(all.length, seed, 0).subarray(0, maxTrials));
  return all.filter(({ number }) => drawn.has(number));
}

/** A number in the mixed base of the lists' lengths, the first digit changing first. */
function digitsOf(number: number, lists: readonly (readonly unknown[])[]): readonly number[] {
  let rest = number;
  return lists.map(({ length }) => {
    const digit = rest % length;
    rest = Math.floor(rest / length);
    return digit;
  });
}

/** Draws after which a space counts as exhausted if all of them were tried before. */
const MAX_ATTEMPTS = 100;

/** Input of {@link proposeSettings}. */
export interface Proposal {
  readonly space: Space;
  readonly strategy: Exclude<Strategy, 'grid'>;
  readonly seed: number;
  /** Number of the trial. */
  readonly trial: number;
}

/**
 * Proposes the settings of a trial. The same space, seed and results give the same settings on every machine.
 *
 * @param tried settings of all earlier trials, which are not proposed again
 * @param results of the trials that have ended; only `tpe` learns from them
 * @returns null if nothing new is found
 */
export function proposeSettings(
  { space, strategy, seed, trial }: Proposal,
  tried: readonly TrialSettings[],
  results: readonly TrialResult[],
): TrialSettings | null {
  const known = new Set(tried.map((settings) => JSON.stringify(settings)));
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const settings = chooseSettings(space, (name, domain, index) => {
      const stream = openTrialStream(seed, trial, index, attempt);
      return strategy === 'tpe' && results.length >= NUM_STARTING
        ? proposeValue(name, domain, results, stream)
        : drawValue(domain, stream);
    });
    if (!known.has(JSON.stringify(settings))) return settings;
  }
  return null;
}

/** Trials that are drawn evenly before TPE has something to learn from. */
export const NUM_STARTING = 10;
/** Share of the trials that count as good: the gamma of the paper. */
const GOOD_SHARE = 0.15;
/** Number of values drawn from the density of good trials, of which the most promising is proposed. */
const NUM_CANDIDATES = 24;

/**
 * Chooses a value by the tree-structured Parzen estimator: of some values drawn from the density of the good trials, the one whose
 * density among good trials is the highest compared with that among the others.
 *
 * @see Bergstra et al. (2011), Algorithms for Hyper-Parameter Optimization, section 4
 */
function proposeValue(name: string, domain: Domain, results: readonly TrialResult[], stream: RandomStream): unknown {
  const [good, others] = splitResults(results).map((part) =>
    part.filter(({ settings }) => Object.hasOwn(settings, name)).map(({ settings }) => settings[name]),
  );
  if (!isRange(domain)) {
    const [ofGood, ofOthers] = [good, others].map((values) => probabilitiesOf(domain, values));
    const candidates = Array.from({ length: NUM_CANDIDATES }, () => drawIndex(ofGood, stream));
    return domain.values[bestOf(candidates, (index) => ofGood[index] / ofOthers[index])];
  }
  const [ofGood, ofOthers] = [good, others].map((values) => densityOf(domain, values));
  const candidates = Array.from({ length: NUM_CANDIDATES }, () => ofGood.draw(stream));
  return valueAt(
    domain,
    bestOf(candidates, (place) => portableLog(ofGood.at(place)) - portableLog(ofOthers.at(place))),
  );
}

function bestOf(candidates: readonly number[], figureOf: (candidate: number) => number): number {
  const figures = candidates.map(figureOf);
  return candidates[figures.indexOf(Math.max(...figures))];
}

function drawIndex(probabilities: readonly number[], stream: RandomStream): number {
  let rest = stream.uniform(0, 1);
  const index = probabilities.findIndex((probability) => (rest -= probability) < 0);
  return index === -1 ? probabilities.length - 1 : index;
}

/** Splits results into the best of them and the others. */
export function splitResults(
  results: readonly TrialResult[],
  share = GOOD_SHARE,
): readonly [good: readonly TrialResult[], others: readonly TrialResult[]] {
  const ranked = [...results].sort((a, b) => compareScores(a.score, b.score));
  const numGood = Math.ceil(share * ranked.length);
  return [ranked.slice(0, numGood), ranked.slice(numGood)];
}

/** Estimates the density of a range's values on its even axis. */
export function densityOf(domain: Extract<Domain, { low: number }>, seen: readonly unknown[]): ParzenDensity {
  return estimateDensity(
    seen.map((value) => coordinateOf(domain, value)),
    coordinateBounds(domain),
  );
}

/** Estimates the probability of each value of a list. */
export function probabilitiesOf(
  { values }: Extract<Domain, { values: unknown }>,
  seen: readonly unknown[],
): readonly number[] {
  const keys = values.map((value) => JSON.stringify(value));
  return estimateProbabilities(
    seen.map((value) => keys.indexOf(JSON.stringify(value))),
    values.length,
  );
}
