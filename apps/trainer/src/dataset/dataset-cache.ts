import { MNIST } from '@digits/data/node';
import { writeFileSafely } from '@digits/model/node';
import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { ourVersion } from '../command-line.ts';

/**
 * Returns a hash of the paths, sizes and times of change of a file, or of all files in a folder: it changes when the data set does, and
 * costs much less than to read it.
 *
 * @throws Error of the file system
 */
export function fingerprintOf(source: string): string {
  const hash = createHash('sha256').update(`${resolve(source)}\n`);
  if (source !== MNIST) addToHash(source, [], (line) => hash.update(line));
  return hash.digest('hex');
}

/** @param parents real paths of the enclosing folders; a link to one of them is not followed */
function addToHash(path: string, parents: readonly string[], add: (line: string) => void): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) {
    add(`${path}\n${found?.size ?? -1}\n${found?.mtimeMs ?? -1}\n`);
    return;
  }
  const real = realpathSync(path);
  if (parents.includes(real)) return;
  for (const name of readdirSync(path).sort()) addToHash(join(path, name), [...parents, real], add);
}

/**
 * Returns what was read before under the same key, or reads it and keeps it.
 *
 * @param folder is made if it is not there
 * @param key plain JSON; another version of the program has other keys
 * @throws Error if the folder cannot be written, or the one of `read`
 */
export async function cached<Result>(folder: string, key: unknown, read: () => Promise<Result>): Promise<Result> {
  const name = createHash('sha256')
    .update(JSON.stringify([ourVersion(), key]))
    .digest('hex');
  const path = join(folder, `${name}.dataset`);
  const kept = await readFile(path).catch(() => null);
  if (kept !== null) {
    const [checksum, content] = [kept.subarray(0, CHECKSUM_BYTES), kept.subarray(CHECKSUM_BYTES)];
    // A damaged file is read again, from the data set.
    if (checksumOf(content).equals(checksum)) return deserialize(content) as Result;
  }
  const result = await read();
  const content = serialize(result);
  try {
    await mkdir(folder, { recursive: true });
    await writeFileSafely(path, Buffer.concat([checksumOf(content), content]));
  } catch (cause) {
    throw new Error(`--cache must be a folder that can be written, got ${folder}`, { cause });
  }
  return result;
}

const CHECKSUM_BYTES = 32;

function checksumOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}
