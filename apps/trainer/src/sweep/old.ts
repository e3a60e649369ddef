import { shuffledIndices } from '@digits/data';
import { writeFileSafely } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { UsageError } from '../command-line.ts';
import { jsonObject, parseJson } from '../json.ts';
import { runRequest } from './training-request.ts';

/** Values to try, by the setting's name. */
export type SweepSpace = Readonly<Record<string, readonly unknown[]>>;

const trial = v.object({
  /** Its place in the whole grid: the same combination has the same number for any number of trials. */
  number: v.number(),
  settings: jsonObject,
});

/** One combination of values. */
export type Trial = Readonly<v.InferOutput<typeof trial>>;

const sweep = v.object({ request: runRequest, trials: v.array(trial) });

/** What `sweep.json` holds: all that is needed to resume. */
export type Sweep = Readonly<v.InferOutput<typeof sweep>>;

/** What a grid may hold, so that a typing error does not fill the memory. */
const MAX_COMBINATIONS = 100_000;

/**
 * Lists the combinations of all values, those of the first setting changing first.
 *
 * @param maxTrials tries so many of them, drawn by the seed; all where there are no more
 * @throws UsageError if there are no settings, or more than 100,000 combinations
 */
export function planSweep(space: SweepSpace, maxTrials: number, seed: number): Trial[] {
  const entries = Object.entries(space);
  if (entries.length === 0) throw new UsageError('sweep: --set name=value,value must be given, got none');
  const numCombinations = entries.reduce((product, [, values]) => product * values.length, 1);
  if (numCombinations > MAX_COMBINATIONS) {
    throw new UsageError(`sweep: --set must make at most ${MAX_COMBINATIONS} combinations, got ${numCombinations}`);
  }
  const all = Array.from({ length: numCombinations }, (_, number) => ({
    number,
    settings: combination(entries, number),
  }));
  if (numCombinations <= maxTrials) return all;
  const drawn = new Set(shuffledIndices(numCombinations, seed, 0).subarray(0, maxTrials));
  return all.filter(({ number }) => drawn.has(number));
}

function combination(entries: readonly (readonly [string, readonly unknown[]])[], number: number): Trial['settings'] {
  let rest = number;
  const settings = entries.map(([name, values]): [string, unknown] => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return [name, value];
  });
  return Object.fromEntries(settings);
}

const SWEEP_FILE = 'sweep.json';

/**
 * Requires a folder that holds no sweep.
 *
 * @throws Error if a sweep was started in it
 */
export function requireNewSweepFolder(folder: string): void {
  if (!existsSync(join(folder, SWEEP_FILE))) return;
  throw new Error(
    `sweep: --out must be a new folder, got ${folder}, which holds a sweep; add --resume to go on with it`,
  );
}

/**
 * Writes a sweep into its folder.
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
    const { request, trials } = parseJson(await readFile(join(folder, SWEEP_FILE), 'utf8'), sweep, SWEEP_FILE);
    return { request: { ...request, out: folder }, trials };
  } catch (cause) {
    throw new Error(`sweep: --out must be the folder of a sweep to resume, got ${folder}`, { cause });
  }
}
