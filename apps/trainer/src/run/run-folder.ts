import { type EpochSummary, mostProbableClasses, type TrainingCheckpoint } from '@digits/model';
import { loadCheckpoint, saveCheckpoint, writeFileSafely } from '@digits/model/node';
import { stringify } from 'csv-stringify/sync';
import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../json.ts';
import { LOCK } from './run-lock.ts';
import { runRequest, type RunRequest } from './training-request.ts';

/** The files of one run. */
export interface RunFolder {
  readonly path: string;
  readonly modelDir: string;
}

/** `runs/<time>-<preset>-<seed>`, without a `:` so that Windows takes it too. */
export function defaultRunFolder(preset: string | null, seed: string, now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return join('runs', `${time}-${preset ?? 'custom'}-${seed}`);
}

/**
 * Opens a folder that exists for a new run, or that of a run to resume.
 *
 * @throws Error if it cannot be read or holds something else
 */
export async function openRunFolder(path: string, resume: boolean): Promise<RunFolder> {
  const run = { path, modelDir: join(path, 'model') };
  try {
    const content = await withoutLeftovers(path);
    if (!resume && content.length > 0) {
      throw new Error(`it is not empty (${content[0]}); name another, or add --resume to go on with the run in it`);
    }
  } catch (cause) {
    throw new Error(`train: --out must be a folder that can be written, got ${path}`, { cause });
  }
  return run;
}

/** Removes what a killed run was still writing, and answers with the rest, its lock aside. */
async function withoutLeftovers(path: string): Promise<string[]> {
  const content = await readdir(path);
  const isLeftover = (name: string) => /^\..+\.\d+\.tmp$/.test(name);
  await Promise.all(content.filter(isLeftover).map((name) => rm(join(path, name), { force: true })));
  return content.filter((name) => !isLeftover(name) && name !== LOCK);
}

const CHECKPOINT = 'checkpoint.bin';

/** Writes the latest checkpoint over the one before. */
export async function writeCheckpoint(run: RunFolder, checkpoint: TrainingCheckpoint): Promise<void> {
  await saveCheckpoint(join(run.path, CHECKPOINT), checkpoint);
}

/**
 * @returns null if the run was killed before its first checkpoint
 * @throws Error if the file is damaged
 */
export async function readCheckpoint(folder: string): Promise<TrainingCheckpoint | null> {
  const path = join(folder, CHECKPOINT);
  return existsSync(path) ? loadCheckpoint(path) : null;
}

/**
 * Reads what a run was asked to do.
 *
 * @throws Error if the folder holds no readable `config.json`
 */
export async function readRunRequest(path: string): Promise<RunRequest> {
  const file = join(path, 'config.json');
  try {
    return parseJson(await readFile(file, 'utf8'), v.object({ request: runRequest }), 'config.json').request;
  } catch (cause) {
    throw new Error(`train: --out must be a run folder to resume, got ${path}`, { cause });
  }
}

/** Writes one of the run's JSON files, indented for people. */
export async function writeJson(run: RunFolder, name: string, value: unknown): Promise<void> {
  await writeFileSafely(join(run.path, name), `${JSON.stringify(value, null, 2)}\n`);
}

/** Removes files of the run, those that are there. */
export async function removeFiles(run: RunFolder, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => rm(join(run.path, name), { force: true })));
}

/** Starts the history anew with the epochs that a resumed run goes on from. */
export async function startHistory(run: RunFolder, epochs: readonly EpochSummary[]): Promise<void> {
  await writeFileSafely(join(run.path, 'history.jsonl'), epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join(''));
}

/**
 * Adds one line of JSON to `history.jsonl`.
 *
 * @throws Error when it cannot be written
 */
export async function appendHistory(run: RunFolder, epoch: EpochSummary): Promise<void> {
  const path = join(run.path, 'history.jsonl');
  try {
    await appendFile(path, `${JSON.stringify(epoch)}\n`, { flush: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`appendHistory: path must be writable, got "${path}" (${reason})`, { cause });
  }
}

/** Name of the report in a run folder. */
export const REPORT_FILE = 'report.html';

/** Name of the predictions in a run folder. */
export const PREDICTIONS_FILE = 'predictions.csv';

/** Answers to a labelled split, in its order. */
export interface Predictions {
  /** `[n]` the true classes. */
  readonly labels: Uint8Array;
  /** `[n, numClasses]` calibrated, 8 significant digits. */
  readonly probabilities: Float64Array;
}

const FIRST_COLUMNS = ['index', 'label', 'answer', 'confidence'];

/**
 * Writes answers as CSV: `index,label,answer,confidence` and a column of probabilities for each class, by the class's name.
 *
 * @throws Error of the file system
 */
export async function writePredictions(
  path: string,
  { labels, probabilities }: Predictions,
  classNames: readonly string[],
): Promise<void> {
  const numClasses = classNames.length;
  const answers = mostProbableClasses(probabilities, numClasses);
  const rows = Array.from(labels, (label, i) => {
    const row = probabilities.subarray(i * numClasses, (i + 1) * numClasses);
    return [i, label, answers[i], shorten(row[answers[i]]), ...Array.from(row, shorten)];
  });
  const header = [...FIRST_COLUMNS, ...classNames.map((name) => `probability of ${name}`)];
  await writeFileSafely(path, stringify([header, ...rows]));
}

const shorten = (value: number) => Number(value.toPrecision(8));

/**
 * Reads what {@link writePredictions} wrote.
 *
 * @returns null if there is no such file
 * @throws Error naming the line that is not as it must be
 */
export async function readPredictions(path: string, numClasses: number): Promise<Predictions | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const lines = text.trimEnd().split('\n').slice(1);
  const labels = new Uint8Array(lines.length);
  const probabilities = new Float64Array(lines.length * numClasses);
  lines.forEach((line, i) => {
    const values = line.split(',').map(Number);
    if (values.length !== FIRST_COLUMNS.length + numClasses || values.some((value) => !Number.isFinite(value))) {
      throw new Error(
        `${path}: line ${i + 2} must hold ${FIRST_COLUMNS.length + numClasses} numbers, got ${line.slice(0, 60)}`,
      );
    }
    labels[i] = values[1];
    probabilities.set(values.slice(FIRST_COLUMNS.length), i * numClasses);
  });
  return { labels, probabilities };
}
