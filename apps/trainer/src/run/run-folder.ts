import type { EpochSummary, TrainingCheckpoint } from '@digits/model';
import { loadCheckpoint, saveCheckpoint, writeFileSafely } from '@digits/model/node';
import { stringify } from 'csv-stringify/sync';
import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { PREPROCESSINGS, type Preprocessing, type RejectedImage } from '../dataset/prepare-images.ts';
import { parseJson } from '../json.ts';
import { LOCK } from './run-lock.ts';
import { GENERATED_PAGES, runRequest, type RunRequest } from './training-request.ts';

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
    const content = parseJson(await readFile(file, 'utf8'), v.looseObject({ request: runRequest }), 'config.json');
    return { ...preprocessingOf(content), ...content.request };
  } catch (cause) {
    throw new Error(`train: --out must be a run folder to resume, got ${path}`, { cause });
  }
}

const preparedDataset = v.object({
  dataset: v.object({
    source: v.pipe(
      v.string(),
      v.check((source) => source !== GENERATED_PAGES),
    ),
    preprocessing: v.picklist(PREPROCESSINGS),
  }),
});

/** Returns how the images of a run reached its network by default, which may be another in this version. */
export function preprocessingOf(description: unknown): { readonly preprocess?: Preprocessing } {
  const { success, output } = v.safeParse(preparedDataset, description);
  return success ? { preprocess: output.dataset.preprocessing } : {};
}

/** Writes one of the run's JSON files, indented for people. */
export async function writeJson(run: RunFolder, name: string, value: unknown): Promise<void> {
  await writeFileSafely(join(run.path, name), `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes `rejected.csv`: name, class and reason of each image that the run left out. */
export async function writeRejected(run: RunFolder, rejected: readonly RejectedImage[]): Promise<void> {
  const rows = rejected.map(({ name, className, reason }) => [name, className, reason]);
  await writeFileSafely(join(run.path, 'rejected.csv'), stringify([['name', 'class', 'reason'], ...rows]));
}

/** Removes files of the run, those that are there. */
export async function removeFiles(run: RunFolder, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => rm(join(run.path, name), { force: true })));
}

/** Starts the history anew with the epochs that a resumed run goes on from. */
export async function startHistory(run: RunFolder, epochs: readonly EpochSummary[]): Promise<void> {
  await writeFileSafely(join(run.path, 'history.jsonl'), linesOf(epochs));
}

/**
 * Adds one line of JSON to `history.jsonl`.
 *
 * @throws Error when it cannot be written
 */
export async function appendHistory(run: RunFolder, epoch: EpochSummary): Promise<void> {
  await appendLines(join(run.path, 'history.jsonl'), [epoch]);
}

/**
 * Adds lines of JSON to one of the run's files, and has them on the disk when it returns.
 *
 * @throws Error when they cannot be written
 */
export async function appendLines(path: string, values: readonly unknown[]): Promise<void> {
  try {
    await appendFile(path, linesOf(values), { flush: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`train: run files must be writable, got ${path} (${reason})`, { cause });
  }
}

/** Formats values as JSON, one per line. */
export function linesOf(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** Name of the report in a run folder. */
export const REPORT_FILE = 'report.html';
