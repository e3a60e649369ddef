import { access, constants, mkdir, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import lockfile from 'proper-lockfile';

/** Name of the lock in a run folder: a folder that is there, and touched every second, while a process writes the run. */
export const LOCK = '.lock';

/** Age at which a lock counts as left behind by a killed process. */
const STALE_MS = 5000;
const UPDATE_MS = 1000;
const RETRIES = { retries: 13, factor: 1, minTimeout: 500, maxTimeout: 500 };

/** What the holder of a lock is told. */
export interface LockEvents {
  /** Another process holds the lock, or was killed within the last seconds: waiting shows which. */
  readonly onWait: () => void;
  /** The lock is lost: the folder was moved, or another process took it over while this one was suspended. */
  readonly onLost: (reason: Error) => void;
}

/**
 * Makes a run folder if there is none, and locks it against other processes.
 *
 * @returns releases the lock and removes the folders that were made if nothing is in them
 * @throws Error if the folder cannot be written, or another process writes it
 */
export async function lockRunFolder(path: string, { onWait, onLost }: LockEvents): Promise<() => Promise<void>> {
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
      onWait();
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
