import { OURS } from './field.ts';
import type { Machine } from './machine.ts';
import type { Kind } from './protocol.ts';
import type { Clock } from './race.ts';
import { median } from './statistics.ts';

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

/** How long predicting one image takes. */
export interface LatencyResult {
  readonly name: string;
  readonly medianMs: number;
  readonly p99Ms: number;
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
