import { access, constants, mkdir, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import lockfile from 'proper-lockfile';
import { note } from '../command-line.ts';

/** Name of the lock in a run folder: a folder that is there, and touched every second, while a process writes the run. */
export const LOCK = '.lock';

/** Age at which a lock counts as left behind by a killed process. */
const STALE_MS = 5000;
const UPDATE_MS = 1000;
const RETRIES = { retries: 13, factor: 1, minTimeout: 500, maxTimeout: 500 };

/**
 * Makes a run folder if there is none, and locks it against other processes while something is done in it. What is empty afterwards of the
 * folders that were made is removed.
 *
 * @param work is given a signal that aborts when the lock is lost: the folder was moved, or another process took it over while this one was
 *   suspended
 * @throws Error if the folder cannot be written, or another process writes it; what the work throws
 */
export async function whileLocked<T>(path: string, work: (lost: AbortSignal) => Promise<T>): Promise<T> {
  const lost = new AbortController();
  const unlock = await lockRunFolder(path, (reason) => {
    lost.abort(new Error(`train: --out must stay where it is during the run, got ${path}`, { cause: reason }));
  });
  try {
    return await work(lost.signal);
  } finally {
    await unlock();
  }
}

/** @returns releases the lock and removes the folders that were made if nothing is in them */
async function lockRunFolder(path: string, onLost: (reason: Error) => void): Promise<() => Promise<void>> {
  const made = await makeFolder(path);
  const take = (retries: typeof RETRIES | 0) =>
    lockfile.lock(path, {
      lockfilePath: join(path, LOCK),
      stale: STALE_MS,
      update: UPDATE_MS,
      retries,
      onCompromised: onLost,
    });
  try {
    const unlock = await take(0).catch((error: unknown) => {
      if (!isHeld(error)) throw error;
      note(`Another process has locked ${path}; waiting a few seconds to see if it was killed.`);
      return take(RETRIES);
    });
    return async () => {
      // Fails if the lock is lost already, which is known by then.
      await unlock().catch(() => null);
      await removeEmpty(path, made);
    };
  } catch (cause) {
    if (!isHeld(cause)) throw notWritable(path, cause);
    throw new Error(
      `train: --out must be a folder that no other process writes, got ${path}; wait for that run to end, or name another folder`,
      { cause },
    );
  }
}

/** @returns the uppermost folder that had to be made; undefined if none had */
async function makeFolder(path: string): Promise<string | undefined> {
  try {
    const made = await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    return made;
  } catch (cause) {
    throw notWritable(path, cause);
  }
}

function notWritable(path: string, cause: unknown): Error {
  return new Error(`train: --out must be a folder that can be written, got ${path}`, { cause });
}

function isHeld(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED';
}

/** Removes the folder and those above it that were made for it, as far as they are empty. */
async function removeEmpty(path: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  const top = resolve(made);
  for (let folder = resolve(path); folder.length >= top.length; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}
