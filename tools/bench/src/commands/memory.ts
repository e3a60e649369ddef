import type { ContestantProcess } from '../contestant-process.ts';
import { withCourses } from '../courses.ts';
import { OUR_RUNNER, startContestant } from '../field.ts';
import { networkNamed } from '../networks.ts';
import { describeMachine, type Machine } from '../report.ts';

/** What to train, and how long. */
export interface MemoryOptions {
  readonly network: string;
  readonly batchSize: number;
  readonly threads: number;
  readonly steps: number;
  readonly progress: (line: string) => void;
}

/** Resident memory of the training process at a step. */
export interface MemorySample {
  readonly step: number;
  readonly residentMiB: number;
}

/** What `memory` found; `--json` prints it. */
export interface MemoryResults {
  readonly machine: Machine;
  readonly network: string;
  readonly batchSize: number;
  readonly threads: number;
  readonly samples: readonly MemorySample[];
  /** The highest of the whole run, loading included. */
  readonly maxResidentMiB: number;
  /** From the first sample that had warmed up to the last. */
  readonly growthMiB: number;
  readonly reached: boolean;
}

const SLICE_SECONDS = 0.5;
const WARM_UP_STEPS = 100;
const STEPS_A_REPORT = 100;
const MAX_RESIDENT_MIB = 500;
/** Node's own heap breathes by a few MiB. */
const MAX_GROWTH_MIB = 16;

/**
 * Trains our engine on MNIST's 60,000 images and watches the memory of its process.
 *
 * @throws Error when the engine does not start
 */
export async function measureMemory(options: MemoryOptions): Promise<MemoryResults> {
  const { network, batchSize, threads } = options;
  return withCourses(async (makeCourse) => {
    const contestant = await startContestant(OUR_RUNNER, threads);
    try {
      const course = makeCourse('train', networkNamed(network), batchSize);
      await contestant.process.prepare({ ...course, threads, variant: '' });
      const watched = await watchMemory(contestant.process, options);
      return { machine: describeMachine(), network, batchSize, threads, ...watched };
    } finally {
      contestant.process.end();
    }
  });
}

/**
 * Lets a training process run and samples its memory.
 *
 * @param training prepared to train
 */
export async function watchMemory(
  training: Pick<ContestantProcess, 'run'>,
  { batchSize, steps, progress }: Pick<MemoryOptions, 'batchSize' | 'steps' | 'progress'>,
): Promise<Pick<MemoryResults, 'samples' | 'maxResidentMiB' | 'growthMiB' | 'reached'>> {
  const samples: MemorySample[] = [];
  let step = 0;
  let nextReport = 0;
  let maxResidentMiB = 0;
  while (step < WARM_UP_STEPS + steps) {
    const slice = await training.run(SLICE_SECONDS);
    const residentMiB = slice.residentBytes / 2 ** 20;
    maxResidentMiB = slice.maxResidentBytes / 2 ** 20;
    step += slice.amount / batchSize;
    samples.push({ step, residentMiB });
    if (step >= nextReport) {
      progress(`step ${step}: ${residentMiB.toFixed(0)} MiB`);
      nextReport = step + STEPS_A_REPORT;
    }
  }
  const growthMiB = growthOf(samples);
  const reached = maxResidentMiB < MAX_RESIDENT_MIB && growthMiB < MAX_GROWTH_MIB;
  return { samples, maxResidentMiB, growthMiB, reached };
}

/** Writes the results as Markdown that reads as text too. */
export function reportMemory(results: MemoryResults): string {
  const { network, batchSize, threads, samples, maxResidentMiB, growthMiB, reached } = results;
  const numSteps = samples.at(-1)?.step ?? 0;
  return [
    `Training ${network} on 60,000 images, batch ${batchSize}, threads: ${threads}, ${numSteps} steps:`,
    `at most ${maxResidentMiB.toFixed(0)} MiB resident (must be below ${MAX_RESIDENT_MIB}),`,
    `${growthMiB.toFixed(1)} MiB more at the end than after ${WARM_UP_STEPS} steps (must be below ${MAX_GROWTH_MIB}):`,
    reached ? 'reached.' : 'not reached.',
  ].join(' ');
}

/** From the first sample behind the warm-up to the last one. */
function growthOf(samples: readonly MemorySample[]): number {
  const first = samples.find(({ step }) => step >= WARM_UP_STEPS);
  const last = samples.at(-1);
  return first === undefined || last === undefined ? 0 : last.residentMiB - first.residentMiB;
}
