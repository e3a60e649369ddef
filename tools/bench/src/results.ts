import { OURS } from './field.ts';
import type { Kind } from './protocol.ts';
import type { Clock, LatencyResult } from './race.ts';
import { type Machine, median } from './report.ts';

/** What one contestant did in one race. */
export interface LaneResult {
  readonly name: string;
  /** As the contestant was told; it may have been quicker on fewer, see `setup`. */
  readonly threads: number;
  /** What was found to be quickest: threads and variant. */
  readonly setup: string;
  /** Middle of the rounds. */
  readonly imagesPerSecond: number;
  readonly gigaflops: number;
  /** Of the peak of 128-bit multiplication and addition on as many threads; see `countLayerFlops` on what counts. */
  readonly shareOfPeak: number;
  /** Images a second of each round; round r of one lane ran beside round r of every other. */
  readonly rates: readonly number[];
}

/** One kind of work on one network at one batch size, contestants in turn. */
export interface RaceResult {
  readonly kind: Kind;
  readonly network: string;
  readonly batchSize: number;
  /** Of one image. */
  readonly flops: number;
  readonly lanes: readonly LaneResult[];
}

/** How near one layer comes to the machine's peak, on one thread. */
export interface LayerResult {
  readonly kind: Kind;
  readonly network: string;
  readonly layer: string;
  readonly gigaflops: number;
  readonly shareOfPeak: number;
  /** Of the whole step's time. */
  readonly shareOfTime: number;
}

/** Everything that a run of `speed` found; `--json` prints it. */
export interface SpeedResults {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly versions: readonly string[];
  /** A line for each peer or combination that was left out, with the reason. */
  readonly leftOut: readonly string[];
  /** GFLOP/s of 128-bit multiplication and addition, for each number of threads. */
  readonly peak: readonly { readonly threads: number; readonly gigaflops: number }[];
  readonly races: readonly RaceResult[];
  readonly latencies: readonly { readonly network: string; readonly results: readonly LatencyResult[] }[];
  readonly layers: readonly LayerResult[];
}

/** One ratio that the engine is built to reach, and what it is in this run. */
export interface Goal {
  readonly what: string;
  /** At least, or at most. */
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  readonly value: number;
  readonly reached: boolean;
}

/** How many times as fast `a` is as `b`: the middle of what the rounds say, or of the whole when one ran in fewer rounds. */
export function speedRatio(a: LaneResult, b: LaneResult): number {
  if (a.rates.length !== b.rates.length) return a.imagesPerSecond / b.imagesPerSecond;
  return median(a.rates.map((rate, round) => rate / b.rates[round]));
}

/** A contestant's lane on so many threads. */
export function findLane({ lanes }: RaceResult, name: string, threads: number): LaneResult | undefined {
  return lanes.find((lane) => lane.name === name && lane.threads === threads);
}

/** Our own engine's lane on so many threads. */
export function ourLane(result: RaceResult, threads: number): LaneResult | undefined {
  return findLane(result, OURS, threads);
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
    if (network === 'small') compare(ours, wasm, 25, 'as fast as tfjs-wasm');
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
