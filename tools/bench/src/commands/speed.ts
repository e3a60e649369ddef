import { type MakeCourse, withCourses } from '../courses.ts';
import {
  type Contestant,
  endField,
  type Field,
  OUR_RUNNER,
  PEAK,
  type RunnerName,
  runnerNamed,
  startField,
} from '../field.ts';
import { measureLayers } from '../layers.ts';
import { countFlops, networkNamed } from '../networks.ts';
import type { Kind } from '../protocol.ts';
import { type Clock, findDisagreements, getReady, type Lane, measureLatency, race, type RaceOptions } from '../race.ts';
import { describeMachine, median } from '../report.ts';
import type { LaneResult, LayerResult, RaceResult, SpeedResults } from '../results.ts';

/** What can be measured. */
export const SECTIONS = ['train', 'predict', 'latency', 'layers'] as const;

export type Section = (typeof SECTIONS)[number];

/** What to measure, and for how long. */
export interface SpeedOptions {
  readonly networks: readonly string[];
  readonly batchSizes: readonly number[];
  /** In ascending order. */
  readonly threads: readonly number[];
  /** Of each contestant in each race, all rounds together. */
  readonly seconds: number;
  readonly rounds: number;
  readonly clock: Clock;
  readonly sections: readonly Section[];
  readonly contestants: readonly RunnerName[];
  /** Programs to try for PyTorch. */
  readonly python: readonly string[];
  /** Takes a line on how far it has come. */
  readonly progress: (line: string) => void;
}

/** A peer that needs longer than this for one batch is left out of that race. */
const MAX_BATCH_SECONDS = 4;

/** Measures speed, contestants in turn, each in a process of its own. */
export async function measureSpeed(options: SpeedOptions): Promise<SpeedResults> {
  return withCourses(async (makeCourse) => {
    const peak = await startField([PEAK], options.threads);
    const field = await startField(
      options.contestants.map((name) => runnerNamed(name, options.python)),
      options.threads,
    );
    try {
      return await new SpeedRun(options, makeCourse, field).measure(peak);
    } finally {
      endField(field);
      endField(peak);
    }
  });
}

/** One run: what it found so far, and what it knows of who is slow. */
class SpeedRun {
  private readonly leftOut: string[];
  private readonly races: RaceResult[] = [];
  private readonly latencies: SpeedResults['latencies'][number][] = [];
  private readonly layers: LayerResult[] = [];
  private peakLanes: readonly Lane[] = [];
  /** The highest of all races, by number of threads. */
  private readonly bestPeaks = new Map<number, number>();
  private readonly knownFlopsPerSecond = new Map<string, number>();
  private readonly options: SpeedOptions;
  private readonly makeCourse: MakeCourse;
  private readonly field: Field;
  private readonly raceOptions: RaceOptions;

  constructor(options: SpeedOptions, makeCourse: MakeCourse, field: Field) {
    this.options = options;
    this.makeCourse = makeCourse;
    this.field = field;
    this.leftOut = [...field.missing];
    const { rounds, seconds, clock } = options;
    this.raceOptions = {
      rounds,
      clock,
      secondsASlice: seconds / rounds,
      report: (line) => {
        this.leaveOut(line);
      },
    };
  }

  async measure(peak: Field): Promise<SpeedResults> {
    const { networks, sections, progress } = this.options;
    this.leftOut.forEach(progress);
    this.peakLanes = await this.preparePeak(peak);
    for (const network of networks) {
      if (sections.includes('train')) await this.raceAll('train', network);
      if (sections.includes('predict')) await this.raceAll('predict', network);
      if (sections.includes('latency')) await this.timeSingles(network);
      if (sections.includes('layers')) await this.takeApart(network);
    }
    return {
      machine: describeMachine(),
      clock: this.options.clock,
      versions: [...new Set(this.field.contestants.map(({ process: { greeting } }) => greeting.version))],
      leftOut: this.leftOut,
      peak: this.peakLanes.map(({ contestant: { threads }, rates }) => ({
        threads,
        gigaflops: (this.bestPeaks.get(threads) ?? Math.max(...rates)) / 1e9,
      })),
      races: this.races,
      latencies: this.latencies,
      layers: this.layers,
    };
  }

  /** The peak needs no network, so one set-up serves every race. */
  private async preparePeak({ contestants }: Field): Promise<readonly Lane[]> {
    const course = this.makeCourse('predict', networkNamed(this.options.networks[0]), 1);
    const lanes: Lane[] = [];
    for (const contestant of contestants) {
      const lane = await getReady(contestant, course, this.raceOptions);
      if (lane !== null) lanes.push(lane);
    }
    return lanes;
  }

  private async raceAll(kind: Kind, network: string): Promise<void> {
    for (const batchSize of this.options.batchSizes) {
      const flops = countFlops(networkNamed(network), kind);
      const work = `${kind} ${network}, batch ${batchSize}`;
      this.options.progress(`${work} ...`);
      const contestants = this.field.contestants.filter((contestant) =>
        this.mayStart(contestant, kind, batchSize * flops, work),
      );
      const course = this.makeCourse(kind, networkNamed(network), batchSize);
      const lanes = await race(contestants, course, this.raceOptions, this.peakLanes);
      const hasDropout = course.architecture.layers.some(({ type }) => type === 'dropout');
      if (kind === 'predict' || !hasDropout) {
        findDisagreements(lanes, kind).forEach((line) => {
          this.leaveOut(`${work}: ${line}`);
        });
      }
      this.keep(kind, network, batchSize, flops, lanes);
    }
  }

  private keep(kind: Kind, network: string, batchSize: number, flops: number, lanes: readonly Lane[]): void {
    const peaks = lanes.filter(({ contestant: { runner } }) => runner === PEAK);
    const results = lanes
      .filter((lane) => !peaks.includes(lane))
      .map((lane) => {
        const peak = peaks.find(({ contestant }) => contestant.threads === lane.contestant.threads);
        const result = laneResult(lane, flops, peak);
        this.knownFlopsPerSecond.set(knownKey(lane.contestant, kind), result.gigaflops * 1e9);
        return result;
      });
    this.races.push({ kind, network, batchSize, flops, lanes: results });
  }

  /** Judged by its last race, if it ran in one. */
  private mayStart(contestant: Contestant, kind: Kind, batchFlops: number, work: string): boolean {
    const { runner } = contestant;
    if (!runner.kinds.includes(kind)) return false;
    const seconds = batchFlops / (this.knownFlopsPerSecond.get(knownKey(contestant, kind)) ?? Infinity);
    if (seconds <= MAX_BATCH_SECONDS) return true;
    this.leaveOut(`${work}: ${runner.name} left out, a batch would take about ${Math.round(seconds)} s`);
    return false;
  }

  private async timeSingles(network: string): Promise<void> {
    this.options.progress(`single predictions of ${network} ...`);
    const contestants = this.field.contestants.filter(({ threads }) => threads === 1);
    const course = this.makeCourse('predict', networkNamed(network), 1);
    this.latencies.push({ network, results: await measureLatency(contestants, course, this.raceOptions) });
  }

  private async takeApart(network: string): Promise<void> {
    const peak = this.peakLanes.find(({ contestant }) => contestant.threads === 1);
    const ours = this.field.contestants.some(({ runner }) => runner === OUR_RUNNER);
    if (peak === undefined || !ours) return;
    for (const kind of ['train', 'predict'] as const) {
      this.options.progress(`${kind} ${network}, layer by layer ...`);
      const work = { kind, network, architecture: networkNamed(network) };
      try {
        this.layers.push(...(await measureLayers(work, this.makeCourse, this.raceOptions, peak)));
      } catch (error) {
        this.leaveOut(`${kind} ${network}, layer by layer: left out, ${(error as Error).message}`);
      }
    }
  }

  private leaveOut(line: string): void {
    if (this.leftOut.includes(line)) return;
    this.options.progress(line);
    this.leftOut.push(line);
  }
}

function laneResult({ contestant, setup, rates }: Lane, flops: number, peak: Lane | undefined): LaneResult {
  const imagesPerSecond = median(rates);
  const flopsPerSecond = imagesPerSecond * flops;
  const sameThreads = setup.threads === contestant.threads ? '' : `${setup.threads} thread`;
  return {
    name: contestant.runner.name,
    threads: contestant.threads,
    setup: [setup.variant, sameThreads].filter((part) => part !== '').join(', '),
    imagesPerSecond,
    gigaflops: flopsPerSecond / 1e9,
    shareOfPeak: peak === undefined ? NaN : flopsPerSecond / median(peak.rates),
    rates,
  };
}

function knownKey({ runner, threads }: Contestant, kind: Kind): string {
  return `${runner.name} ${threads} ${kind}`;
}
