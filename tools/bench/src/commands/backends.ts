import { withCourses } from '../courses.ts';
import { type Contestant, endField, runnerNamed, startField } from '../field.ts';
import { networkNamed } from '../networks.ts';
import { type Course, getReady, type Lane, raceLanes, type RaceOptions, relativeDistance } from '../race.ts';
import { count, describeMachine, type Machine, machineLine, markdownTable, median, ratio } from '../report.ts';

export type BackendRunner = (typeof BACKEND_RUNNERS)[number];

/** What to measure, and for how long. */
export interface BackendsOptions {
  readonly networks: readonly string[];
  readonly contestants: readonly BackendRunner[];
  /** Of each contestant with each network, all rounds together. */
  readonly seconds: number;
  readonly rounds: number;
  /** Takes a line on how far it has come. */
  readonly progress: (line: string) => void;
}

/** How one backend trained one network. */
export interface BackendResult {
  readonly name: string;
  readonly network: string;
  readonly batchSize: number;
  readonly imagesPerSecond: number;
  /** Times as fast as the first backend: the middle of what the rounds say. */
  readonly ratio: number;
  /**
   * max|a - b| / max|b| to the first backend's losses of the first steps, from the same initial weights on the same batches:
   * what else than rounding were different would show.
   */
  readonly lossDifference: number;
}

/** What `backends` found; `--json` prints it. */
export interface BackendsResults {
  readonly machine: Machine;
  readonly versions: readonly string[];
  readonly leftOut: readonly string[];
  readonly results: readonly BackendResult[];
}

/** A backend that is ready, at the largest batch whose step is short enough. */
export interface Entry {
  readonly lane: Lane;
  readonly batchSize: number;
  /** Losses of the first steps at the smallest batch. */
  readonly losses: readonly number[];
}

/** The backends of TensorFlow.js, Node's first; ratios are to the one that every machine has. */
export const BACKEND_RUNNERS = [
  'tfjs-wasm',
  'tfjs-node',
  'tfjs-cpu',
  'page-wasm',
  'page-webgl',
  'page-webgpu',
  'page-cpu',
] as const;

/** Tried one after the other while a step stays short; the first one's losses are compared. */
const BATCH_SIZES = [4, 32, 128] as const;
const MAX_STEP_SECONDS = 4;

/** Trains the same networks on every backend of TensorFlow.js in turn, in Node and in Chromium. */
export async function measureBackends(options: BackendsOptions): Promise<BackendsResults> {
  const { networks, contestants, seconds, rounds, progress } = options;
  const leftOut: string[] = [];
  const report = (line: string): void => {
    leftOut.push(line);
    progress(line);
  };
  const raceOptions = { rounds, secondsASlice: seconds / rounds, report };
  return withCourses(async (makeCourse) => {
    const field = await startField(
      contestants.map((name) => runnerNamed(name, [])),
      [1],
    );
    field.missing.forEach(report);
    try {
      const results: BackendResult[] = [];
      for (const network of networks) {
        const courses = BATCH_SIZES.map((batchSize) => makeCourse('train', networkNamed(network), batchSize));
        const entries: Entry[] = [];
        for (const contestant of field.contestants) {
          progress(`train ${network} on ${contestant.runner.name} ...`);
          const entry = await climb(contestant, courses, raceOptions);
          if (entry !== null) entries.push(entry);
        }
        results.push(...(await compare(network, entries, raceOptions)));
      }
      const versions = field.contestants.map(({ process: { greeting } }) => greeting.version);
      return { machine: describeMachine(), versions, leftOut, results };
    } finally {
      endField(field);
    }
  });
}

/**
 * Sets a contestant up for larger and larger batches, until a step of the next would be too long.
 *
 * @param courses in the order of their batch sizes
 * @returns null where it cannot train, which is reported
 */
export async function climb(
  contestant: Contestant,
  courses: readonly Course[],
  options: RaceOptions,
): Promise<Entry | null> {
  const entries: Entry[] = [];
  for (const course of courses) {
    const last = entries.at(-1);
    if (last !== undefined && course.batchSize / median(last.lane.rates) > MAX_STEP_SECONDS) break;
    const lane = await getReady(contestant, course, options);
    if (lane === null) {
      // What it had prepared before is gone.
      if (entries.length > 0) await getReady(contestant, courses[entries.length - 1], options);
      break;
    }
    entries.push({ lane, batchSize: course.batchSize, losses: entries.at(0)?.losses ?? lane.outcome });
  }
  return entries.at(-1) ?? null;
}

async function compare(
  network: string,
  entries: readonly Entry[],
  options: RaceOptions,
): Promise<readonly BackendResult[]> {
  const lanes = await raceLanes(
    entries.map(({ lane }) => lane),
    options,
  );
  const [first] = lanes;
  return lanes.flatMap(({ contestant, rates }) => {
    const entry = entries.find(({ lane }) => lane.contestant === contestant);
    if (entry === undefined) return [];
    return {
      name: contestant.runner.name,
      network,
      batchSize: entry.batchSize,
      imagesPerSecond: median(rates),
      ratio: ratioOf(rates, first.rates),
      lossDifference: relativeDistance(entry.losses, entries[0].losses),
    };
  });
}

/** The middle of the rounds' ratios, or the ratio of the middles where one ran in fewer rounds. */
function ratioOf(rates: readonly number[], base: readonly number[]): number {
  if (rates.length !== base.length) return median(rates) / median(base);
  return median(rates.map((rate, round) => rate / base[round]));
}

/** Writes the results as Markdown that reads as text too: a row a backend, two columns a network. */
export function reportBackends({ machine, versions, leftOut, results }: BackendsResults): string {
  const networks = [...new Set(results.map(({ network }) => network))];
  const names = [...new Set(results.map(({ name }) => name))];
  const head = ['backend', ...networks.flatMap((network) => [`${network}, images/s`, 'ratio', 'losses differ by'])];
  const rows = names.map((name) => [
    name,
    ...networks.flatMap((network) =>
      cells(results.find((result) => result.name === name && result.network === network)),
    ),
  ]);
  return [
    machineLine(machine),
    versions.join('; '),
    '',
    `Training steps; ratios are to ${names[0] ?? 'nobody'}; batch 128 unless it says otherwise.`,
    '',
    markdownTable(head, rows),
    ...leftOut.map((line) => `\n${line}`),
  ].join('\n');
}

function cells(result: BackendResult | undefined): readonly string[] {
  if (result === undefined) return ['-', '-', '-'];
  const { imagesPerSecond, batchSize, lossDifference } = result;
  const speed = imagesPerSecond < 10 ? imagesPerSecond.toFixed(1) : count(imagesPerSecond);
  return [
    batchSize === 128 ? speed : `${speed} (batch ${batchSize})`,
    result.ratio < 0.1 ? result.ratio.toPrecision(2) : ratio(result.ratio),
    lossDifference === 0 ? '0' : lossDifference.toExponential(1),
  ];
}
