import { readFile } from 'node:fs/promises';
import type { TrainingCheckpoint } from '../checkpoint.ts';
import { parseCheckpoint, serialiseCheckpoint } from '../checkpoint-file.ts';
import { reasonOf } from './reason.ts';
import { writeFileSafely } from './safe-write.ts';

/**
 * Saves a checkpoint; killed at any moment, the file holds this one or the one before.
 *
 * @param path its folder must exist
 * @throws Error when it cannot be written, with the checkpoint before left as it was
 */
export async function saveCheckpoint(path: string, checkpoint: TrainingCheckpoint): Promise<void> {
  try {
    await writeFileSafely(path, serialiseCheckpoint(checkpoint));
  } catch (cause) {
    throw new Error(`saveCheckpoint: path must be writable, got "${path}" (${reasonOf(cause)})`, { cause });
  }
}

/**
 * Reads a checkpoint that {@link saveCheckpoint} wrote.
 *
 * @throws Error naming the file when it cannot be read or is no checkpoint
 */
export async function loadCheckpoint(path: string): Promise<TrainingCheckpoint> {
  try {
    return parseCheckpoint(await readFile(path));
  } catch (cause) {
    throw new Error(`loadCheckpoint: "${path}": ${reasonOf(cause)}`, { cause });
  }
}
