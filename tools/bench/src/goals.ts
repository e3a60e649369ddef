import { OURS } from './field.ts';
import { findLane, type LaneResult, ourLane, type RaceResult, speedRatio, type SpeedResults } from './results.ts';

/** One ratio that the engine is built to reach, and what it is in this run. */
export interface Goal {
  readonly what: string;
  /** At least, or at most. */
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  readonly value: number;
  readonly reached: boolean;
}

/**
 * Holds a run against what engine-simd is to reach; what was not measured has no goal.
 *
 * @param allThreads the largest number of threads that was measured
 */
export function findGoals(results: SpeedResults, allThreads: number): readonly Goal[] {
  return [
    ...results.races.flatMap((race) => raceGoals(race, allThreads)),
    ...results.latencies.flatMap(({ network, results: latencies }) => latencyGoals(network, latencies)),
  ];
}

function raceGoals(race: RaceResult, allThreads: number): readonly Goal[] {
  const { kind, network, batchSize } = race;
  const work = `${kind === 'train' ? 'training' : 'predicting'} ${network}, batch ${batchSize}`;
  const goals: Goal[] = [];
  const compare = (ours: LaneResult | undefined, theirs: LaneResult | undefined, limit: number, who: string): void => {
    if (ours === undefined || theirs === undefined) return;
    goals.push(goal(`${work}: ${who}`, 'at least', limit, speedRatio(ours, theirs)));
  };
  const ours = ourLane(race, allThreads);
  const oursOnOne = ourLane(race, 1);
  const wasm = findLane(race, 'tfjs-wasm', 1);
  if (kind === 'train') {
    compare(ours, findLane(race, 'pytorch', allThreads), 1.5, 'as fast as pytorch at its best');
    if (network === 'fast') compare(ours, wasm, 25, 'as fast as tfjs-wasm');
    if (allThreads === 2) compare(ours, oursOnOne, 1.85, 'two threads as fast as one');
  } else {
    compare(oursOnOne, wasm, 3, 'as fast as tfjs-wasm, one thread each');
    compare(ours, findLane(race, 'onnxruntime', allThreads), 0.6, 'as fast as onnxruntime at its best');
  }
  return goals;
}

function latencyGoals(network: string, results: SpeedResults['latencies'][number]['results']): readonly Goal[] {
  const medianOf = (name: string): number | undefined => results.find((result) => result.name === name)?.medianMs;
  const ours = medianOf(OURS);
  if (ours === undefined) return [];
  const limits = [
    ['tfjs-wasm', 1 / 3],
    ['onnxruntime', 1.5],
  ] as const;
  return limits.flatMap(([name, limit]) => {
    const theirs = medianOf(name);
    if (theirs === undefined) return [];
    return [goal(`one prediction of ${network}: the time of ${name}`, 'at most', limit, ours / theirs)];
  });
}

function goal(what: string, bound: Goal['bound'], limit: number, value: number): Goal {
  return { what, bound, limit, value, reached: bound === 'at least' ? value >= limit : value <= limit };
}
