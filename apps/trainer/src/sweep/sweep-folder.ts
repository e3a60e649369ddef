import { writeFileSafely } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { jsonObject, jsonObjectOf, parseJson } from '../json.ts';
import { appendLines, linesOf } from '../run/run-folder.ts';
import { runRequest } from '../run/training-request.ts';
import { STRATEGIES } from './sampler.ts';
import type { TrialEvent } from './scheduler.ts';
import type { Space } from './space.ts';

const sweep = v.object({
  /** Request that all trials share. */
  request: runRequest,
  plan: v.object({
    space: jsonObjectOf<Space>(),
    strategy: v.picklist(STRATEGIES),
    trials: v.number(),
    seed: v.number(),
    epochs: v.number(),
    minEpochs: v.number(),
    reduction: v.number(),
  }),
  /** Number of trainings at a time. */
  workers: v.number(),
});

/** Content of `sweep.json`, from which a sweep is resumed. */
export type Sweep = Readonly<v.InferOutput<typeof sweep>>;

const score = v.object({ accuracy: v.number(), loss: v.number() });

const trialEvent: v.GenericSchema<unknown, TrialEvent> = v.variant('type', [
  v.object({
    type: v.literal('started'),
    trial: v.number(),
    settings: jsonObject,
    untilEpoch: v.nullable(v.number()),
  }),
  v.object({
    type: v.literal('ended'),
    trial: v.number(),
    epochs: v.number(),
    score: v.nullable(score),
    finished: v.boolean(),
    failure: v.nullable(v.object({ kind: v.picklist(['diverged', 'error']), message: v.string() })),
  }),
]);

const SWEEP_FILE = 'sweep.json';
const EVENTS_FILE = 'trials.jsonl';

/** Whether a folder holds a sweep. */
export function isSweepFolder(folder: string): boolean {
  return existsSync(join(folder, SWEEP_FILE));
}

/** Returns the run folder of a trial. */
export function trialFolder(folder: string, trial: number): string {
  return join(folder, trialName(trial));
}

/** Returns a trial's name, that of its run folder. */
export function trialName(trial: number): string {
  return `trial-${String(trial).padStart(3, '0')}`;
}

/**
 * Requires a folder that holds no sweep.
 *
 * @throws Error if a sweep was started in it
 */
export function requireNewSweepFolder(folder: string): void {
  if (!isSweepFolder(folder)) return;
  throw new Error(
    `sweep: --out must be a new folder, got ${folder}, which holds a sweep; add --resume to go on with it`,
  );
}

/**
 * Writes what a sweep tries into its folder.
 *
 * @throws Error if the folder cannot be written
 */
export async function writeSweep(started: Sweep): Promise<void> {
  const folder = started.request.out;
  try {
    await mkdir(folder, { recursive: true });
    await writeFileSafely(join(folder, SWEEP_FILE), `${JSON.stringify(started, null, 2)}\n`);
  } catch (cause) {
    throw new Error(`sweep: --out must be a folder that can be written, got ${folder}`, { cause });
  }
}

/**
 * Reads the sweep in a folder, which may have been moved since.
 *
 * @throws Error if there is none, or its file is damaged
 */
export async function readSweep(folder: string): Promise<Sweep> {
  try {
    const { request, ...rest } = parseJson(await readFile(join(folder, SWEEP_FILE), 'utf8'), sweep, SWEEP_FILE);
    return { request: { ...request, out: folder }, ...rest };
  } catch (cause) {
    throw new Error(`sweep: --out must be the folder of a sweep to resume, got ${folder}`, { cause });
  }
}

/**
 * Reads what happened in a sweep so far; the last line may have been cut off with the sweep.
 *
 * @throws Error naming the line that is damaged
 */
export async function readEvents(folder: string): Promise<readonly TrialEvent[]> {
  const path = join(folder, EVENTS_FILE);
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line, i) => parseJson(line, trialEvent, `${path}: line ${i + 1}`));
}

/** Writes the events of a sweep that is about to go on. */
export async function writeEvents(folder: string, events: readonly TrialEvent[]): Promise<void> {
  await writeFileSafely(join(folder, EVENTS_FILE), linesOf(events));
}

/**
 * Adds an event, which is on the disk when this returns.
 *
 * @throws Error if it cannot be written
 */
export async function appendEvent(folder: string, event: TrialEvent): Promise<void> {
  await appendLines(join(folder, EVENTS_FILE), [event]);
}
