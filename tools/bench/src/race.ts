import type { Contestant } from './field.ts';
import type { Slice, Task } from './protocol.ts';

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

export interface Setup {
  readonly threads: number;
  readonly variant: string;
}

/** What time is measured by. */
export type Clock = 'wall' | 'processor';

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

/** A contestant whose one batch takes longer than so many slices keeps the figure of its only slice. */
const TOO_MANY_SLICES = 4;
const PAUSE_MS = 10;

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
