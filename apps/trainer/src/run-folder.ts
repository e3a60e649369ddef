import type { EpochSummary, TrainingCheckpoint } from '@digits/model';
import { loadCheckpoint, saveCheckpoint, writeFileSafely } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { access, appendFile, constants, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRequest } from './training-request.ts';

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
 * Makes the folder of a new run, or takes that of a run to resume.
 *
 * @throws Error where it cannot be written to or holds something else
 */
export async function openRunFolder(path: string, resume: boolean): Promise<RunFolder> {
  const run = { path, modelDir: join(path, 'model') };
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    const content = await withoutLeftovers(path);
    if (!resume && content.length > 0) {
      throw new Error(`it is not empty (${content[0]}); name another, or add --resume to go on with the run in it`);
    }
  } catch (cause) {
    throw new Error(`train: --out must be a folder that can be written, got ${path}`, { cause });
  }
  return run;
}

/** Removes what a killed run was still writing, and answers with the rest. */
async function withoutLeftovers(path: string): Promise<string[]> {
  const content = await readdir(path);
  const isLeftover = (name: string) => /^\..+\.\d+\.tmp$/.test(name);
  await Promise.all(content.filter(isLeftover).map((name) => rm(join(path, name), { force: true })));
  return content.filter((name) => !isLeftover(name));
}

const CHECKPOINT = 'checkpoint.bin';

/** Writes the latest checkpoint over the one before. */
export async function writeCheckpoint(run: RunFolder, checkpoint: TrainingCheckpoint): Promise<void> {
  await saveCheckpoint(join(run.path, CHECKPOINT), checkpoint);
}

/**
 * @returns null where the run was killed before its first checkpoint
 * @throws Error where the file is damaged
 */
export async function readCheckpoint(folder: string): Promise<TrainingCheckpoint | null> {
  const path = join(folder, CHECKPOINT);
  return existsSync(path) ? loadCheckpoint(path) : null;
}

/**
 * Reads what a run was asked to do.
 *
 * @throws Error where the folder holds no readable `config.json`
 */
export async function readRunRequest(path: string): Promise<RunRequest> {
  const file = join(path, 'config.json');
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { request: RunRequest }).request;
  } catch (cause) {
    throw new Error(`train: --out must be a run folder to resume, got ${path}`, { cause });
  }
}

/** Writes one of the run's JSON files, indented for people. */
export async function writeJson(run: RunFolder, name: string, value: unknown): Promise<void> {
  await writeFileSafely(join(run.path, name), `${JSON.stringify(value, null, 2)}\n`);
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
