import type { EpochSummary } from '@digits/model';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RunDescription } from './run-description.ts';
import type { TrainingSummary } from './training-summary.ts';

/** What a run folder holds about its run; the metrics are null until it has ended. */
export interface RunRecord {
  readonly path: string;
  /** Name of the folder. */
  readonly name: string;
  readonly description: RunDescription;
  readonly history: readonly EpochSummary[];
  readonly metrics: TrainingSummary | null;
}

/**
 * Reads what a run folder tells of its run, however far it got.
 *
 * @throws Error naming the file that is missing or damaged
 */
export async function readRunRecord(path: string): Promise<RunRecord> {
  const description = await readJsonFile(join(path, 'config.json'));
  if (description === null) {
    throw new Error(`a run folder must hold config.json, got none in ${path}`);
  }
  if (typeof description !== 'object' || !('config' in description) || !('request' in description)) {
    throw new Error(`${join(path, 'config.json')} must describe a run, got something else`);
  }
  return {
    path,
    name: basename(path),
    description: description as RunDescription,
    history: await readHistory(join(path, 'history.jsonl')),
    metrics: (await readJsonFile(join(path, 'metrics.json'))) as TrainingSummary | null,
  };
}

/**
 * Reads the runs in a folder, those of its subfolders that have a `config.json` of a run; other folders are left out.
 *
 * @throws Error where the folder cannot be read
 */
export async function readRunRecords(folder: string): Promise<readonly RunRecord[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (cause) {
    throw new Error(`runs: the folder of runs must be readable, got ${folder}`, { cause });
  }
  const records: RunRecord[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if ((await readFileIfThere(join(path, 'config.json'))) !== null) records.push(await readRunRecord(path));
  }
  return records;
}

/** Whole lines only: the last one may have been cut off with its run. */
async function readHistory(path: string): Promise<readonly EpochSummary[]> {
  const text = (await readFileIfThere(path)) ?? '';
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as EpochSummary;
    } catch (cause) {
      throw new Error(`${path}: line ${i + 1} must be JSON, got ${line.slice(0, 60)}`, { cause });
    }
  });
}

async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFileIfThere(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error(`${path} must be JSON`, { cause });
  }
}

async function readFileIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
