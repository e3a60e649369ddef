import { densityOf, probabilitiesOf, splitResults, type TrialResult } from './sampler.ts';
import { coordinateBounds, type Domain, isRange, type Space } from './space.ts';

/** How much one setting decides. */
export interface SettingImportance {
  readonly name: string;
  /** Its part of all settings' importance, in [0, 1]. */
  readonly share: number;
}

/** Trials below which nothing can be said. */
const MIN_TRIALS = 8;
/** The best trials that are compared with all. */
const GOOD_SHARE = 0.25;
/** Places at which a density is looked at. */
const NUM_PLACES = 200;

/**
 * Estimates how much each setting decides: how far the values of the best quarter of the trials are from those of all trials, as the Pearson
 * divergence between the densities that the Parzen estimator gives them.
 *
 * @param results with a score; those that failed count as the worst
 * @returns the most important first; empty for fewer than 8 trials, or if nothing tells them apart
 * @see Watanabe, Bansal and Hutter (2023), PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces
 */
export function settingImportances(space: Space, results: readonly TrialResult[]): readonly SettingImportance[] {
  if (results.length < MIN_TRIALS) return [];
  const [good] = splitResults(results, GOOD_SHARE);
  const divergences = Object.entries(space).map(([name, domain]) => {
    const [ofGood, ofAll] = [good, results].map((part) =>
      part.flatMap(({ settings }) => (Object.hasOwn(settings, name) ? [settings[name]] : [])),
    );
    return { name, divergence: pearsonDivergence(domain, ofGood, ofAll) };
  });
  const sum = divergences.reduce((total, { divergence }) => total + divergence, 0);
  if (sum === 0) return [];
  return divergences
    .map(({ name, divergence }) => ({ name, share: divergence / sum }))
    .sort((a, b) => b.share - a.share);
}

/** The mean over all values of the squared difference of the ratio of both densities from 1. */
function pearsonDivergence(domain: Domain, good: readonly unknown[], all: readonly unknown[]): number {
  if (!isRange(domain)) {
    const [ofGood, ofAll] = [good, all].map((values) => probabilitiesOf(domain, values));
    return ofAll.reduce((sum, probability, i) => sum + probability * (ofGood[i] / probability - 1) ** 2, 0);
  }
  const [low, high] = coordinateBounds(domain);
  const [ofGood, ofAll] = [good, all].map((values) => densityOf(domain, values));
  const step = (high - low) / NUM_PLACES;
  let sum = 0;
  for (let i = 0; i < NUM_PLACES; i++) {
    const place = low + (i + 0.5) * step;
    const density = ofAll.at(place);
    sum += density * (ofGood.at(place) / density - 1) ** 2 * step;
  }
  return sum;
}
