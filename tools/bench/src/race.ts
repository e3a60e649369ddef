import type { Contestant } from './field.ts';
import type { Kind, Slice, Task } from './protocol.ts';
import { median, quantile } from './report.ts';

/** What all contestants of a race get to do; how each sets itself up for it is its own affair. */
export type Course = Omit<Task, 'threads' | 'variant'>;

/** A contestant that is ready, and what it has done in each round. */
export interface Lane {
  readonly contestant: Contestant;
  /** Threads and settings that it runs with. */
  readonly setup: Setup;
  /** Losses or logits, to be compared with the others'. */
  readonly outcome: readonly number[];
  /** Amount a second of each round. */
  readonly rates: readonly number[];
  /** Seconds that its first slice took. */
  readonly slice: number;
}

/** How a contestant runs a task. */
export interface Setup {
  readonly threads: number;
  readonly variant: string;
}

/** What time is measured by. */
export type Clock = 'wall' | 'processor';

/** How long contestants work, and how their time is measured. */
export interface RaceOptions {
  readonly rounds: number;
  /** Of each contestant in each round. */
  readonly secondsASlice: number;
  /**
   * Default `wall`. `processor` divides by the processor time of a contestant's threads instead of the time that passed: on a machine that is busy
   * otherwise it is the only figure that means something, but it flatters whoever lets threads wait for each other.
   */
  readonly clock?: Clock;
  /** Takes a line for each contestant that falls out, with the reason. */
  readonly report: (line: string) => void;
}

/** How long predicting one image takes. */
export interface LatencyResult {
  readonly name: string;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** A contestant whose one batch takes longer than so many slices keeps the figure of its only slice. */
const TOO_MANY_SLICES = 4;
const PAUSE_MS = 10;

const CALLS_A_ROUND = 400;

/**
 * How far outcomes may lie apart, relative to the largest: logits differ by rounding only, losses drift apart as Adam
 * divides by tiny gradients in its first steps.
 */
const TOLERANCES: Readonly<Record<Kind, number>> = { predict: 1e-3, train: 2e-2 };

/**
 * Sets contestants up for a course and lets them work in turn.
 *
 * @param ready lanes that are set up already; they take part too and come first
 * @returns a lane for each that got ready, with its rates
 */
export async function race(
  contestants: readonly Contestant[],
  course: Course,
  options: RaceOptions,
  ready: readonly Lane[] = [],
): Promise<readonly Lane[]> {
  const lanes = [...ready];
  for (const contestant of contestants) {
    const lane = await getReady(contestant, course, options);
    if (lane !== null) lanes.push(lane);
  }
  return raceLanes(lanes, options);
}

/**
 * Lets contestants that are ready work in turn, slice by slice, so that whatever else the machine does meets all alike.
 *
 * @returns the lanes in their order, each with a rate for each round; without those that failed, which are reported
 */
export async function raceLanes(lanes: readonly Lane[], options: RaceOptions): Promise<readonly Lane[]> {
  const { rounds, secondsASlice, clock = 'wall', report } = options;
  const rates = new Map<Lane, number[]>();
  for (const lane of lanes) {
    const isSlow = lane.slice > TOO_MANY_SLICES * secondsASlice;
    rates.set(lane, isSlow ? [...lane.rates] : []);
  }
  let quick = lanes.filter((lane) => rates.get(lane)?.length === 0);
  for (let round = 0; round < rounds; round++) {
    for (const lane of quick) {
      try {
        const slice = await lane.contestant.process.run(secondsASlice);
        rates.get(lane)?.push(rateOf(slice, lane.setup.threads, clock));
      } catch (error) {
        rates.delete(lane);
        report(`${lane.contestant.runner.name}: left out, ${(error as Error).message}`);
      }
      await pause();
    }
    quick = quick.filter((lane) => rates.has(lane)).reverse();
  }
  return lanes.flatMap((lane) => {
    const measured = rates.get(lane);
    return measured === undefined ? [] : [{ ...lane, rates: measured }];
  });
}

/**
 * Tries every setup that the contestant offers and leaves it prepared for the quickest.
 *
 * @returns null when none works, which is reported
 */
export async function getReady(contestant: Contestant, course: Course, options: RaceOptions): Promise<Lane | null> {
  const { runner, process: contestantProcess } = contestant;
  const setups = setupsOf(contestant, course.kind);
  let best: Lane | null = null;
  let prepared: Setup | null = null;
  let failure = '';
  for (const setup of setups) {
    try {
      const { outcome } = await contestantProcess.prepare({ ...course, ...setup });
      prepared = setup;
      const slice = await contestantProcess.run(options.secondsASlice);
      const rate = rateOf(slice, setup.threads, options.clock ?? 'wall');
      if (best === null || rate > best.rates[0]) {
        best = { contestant, setup, outcome, rates: [rate], slice: slice.seconds };
      }
    } catch (error) {
      failure = (error as Error).message;
    }
  }
  if (best === null) {
    options.report(`${runner.name}: left out, ${failure}`);
    return null;
  }
  if (best.setup !== prepared) await contestantProcess.prepare({ ...course, ...best.setup });
  return best;
}

/** All of its variants, on one thread too where it is free to choose. */
function setupsOf({ runner, threads, process: contestantProcess }: Contestant, kind: Course['kind']): readonly Setup[] {
  const numThreads = runner.threading === 'best' && threads > 1 ? [1, threads] : [threads];
  return contestantProcess.greeting.variants[kind].flatMap((variant) =>
    numThreads.map((count) => ({ threads: count, variant })),
  );
}

function rateOf({ amount, seconds, processorSeconds }: Slice, threads: number, clock: Clock): number {
  return amount / (clock === 'wall' ? seconds : processorSeconds / threads);
}

/** Lets threads that still spin go to sleep. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

/**
 * Times single predictions, one after the other, of contestants that take turns.
 *
 * @param contestants of one thread each
 * @param course predictions of batches of 1
 */
export async function measureLatency(
  contestants: readonly Contestant[],
  course: Course,
  options: RaceOptions,
): Promise<readonly LatencyResult[]> {
  const lanes: Lane[] = [];
  for (const contestant of contestants) {
    const lane = await getReady(contestant, course, options);
    if (lane !== null) lanes.push(lane);
  }
  const durations = new Map(lanes.map((lane): [Lane, number[]] => [lane, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const [lane, durationsMs] of durations) {
      const { process: contestantProcess, runner } = lane.contestant;
      try {
        durationsMs.push(...(await contestantProcess.latency(CALLS_A_ROUND)).durationsMs);
      } catch (error) {
        durations.delete(lane);
        options.report(`${runner.name}: left out, ${(error as Error).message}`);
      }
    }
  }
  return [...durations].map(([{ contestant }, durationsMs]) => ({
    name: contestant.runner.name,
    medianMs: median(durationsMs),
    p99Ms: quantile(durationsMs, 0.99),
  }));
}

/**
 * Says which contestants did not compute what the first one did: a speed is worth nothing then.
 *
 * @returns a line for each that differs
 */
export function findDisagreements(lanes: readonly Lane[], kind: Kind): readonly string[] {
  const withOutcome = lanes.filter(({ outcome }) => outcome.length > 0);
  if (withOutcome.length === 0) return [];
  const [first, ...others] = withOutcome;
  return others.flatMap(({ contestant, outcome }) => {
    const distance = relativeDistance(outcome, first.outcome);
    if (distance <= TOLERANCES[kind]) return [];
    const [name, firstName] = [contestant.runner.name, first.contestant.runner.name];
    const what = kind === 'train' ? 'losses' : 'logits';
    return [`${name}: its ${what} differ from those of ${firstName} by ${(distance * 100).toFixed(1)}%`];
  });
}

/** max|a - b| / max|b|; infinite for different lengths and for what is not a number. */
export function relativeDistance(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity;
  const largest = Math.max(...b.map(Math.abs));
  const distance = Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / largest;
  return Number.isNaN(distance) ? Infinity : distance;
}
