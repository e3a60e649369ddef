import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** The two splits that a dataset's files hold. Validation is cut from `train`. */
export type StoredSplit = 'train' | 'test';

/** MNIST's own file names. */
export const SPLIT_FILES = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const satisfies Record<StoredSplit, { images: string; labels: string }>;

/** One file of a dataset, decompressed. */
export interface DatasetFile {
  /** As found, for errors: with its folder, and `.gz` where it was compressed. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a file may hold, decompressed or not, so that a small `.gz` cannot fill the memory. */
const MAX_FILE_BYTES = 2 ** 30;

/**
 * Reads the files of some splits, each plain or, where there is no plain one, `.gz`.
 *
 * @param caller begins the errors
 * @returns the files in the order of the splits, images before labels
 * @throws Error when the folder or a file is missing, cannot be read, is larger than 1 GiB or not whole gzip data
 */
export async function readSplitFiles(
  caller: string,
  folder: string,
  splits: readonly StoredSplit[],
): Promise<DatasetFile[]> {
  await requireFolder(caller, folder);
  const present = new Set(await readdir(folder));
  const wanted = splits.flatMap((split) => [SPLIT_FILES[split].images, SPLIT_FILES[split].labels]);
  const missing = wanted.filter((name) => !present.has(name) && !present.has(`${name}.gz`));
  if (missing.length > 0) {
    throw new Error(
      `${caller}: ${folder} must hold ${wanted.join(', ')}, each plain or .gz, got a folder without ${missing.join(', ')}`,
    );
  }
  const files: DatasetFile[] = [];
  for (const name of wanted) {
    const path = join(folder, present.has(name) ? name : `${name}.gz`);
    files.push({ path, bytes: await readDatasetFile(caller, path) });
  }
  return files;
}

async function requireFolder(caller: string, folder: string): Promise<void> {
  const found = await stat(folder).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'which does not exist' : `which cannot be read (${message})`;
    throw new Error(`${caller}: dataset must be 'mnist' or a folder, got '${folder}', ${problem}`, { cause });
  });
  if (!found.isDirectory()) {
    throw new Error(
      `${caller}: dataset must be 'mnist' or a folder, got the file '${folder}'; name the folder it is in`,
    );
  }
}

async function readDatasetFile(caller: string, path: string): Promise<Uint8Array> {
  const bytes = await readWithinLimit(path).catch((cause: unknown) => {
    throw new Error(`${caller}: ${path} must be a readable file, got ${(cause as Error).message}`, { cause });
  });
  if (typeof bytes === 'number') {
    throw new RangeError(`${caller}: ${path} must be at most ${MAX_FILE_BYTES} bytes, got ${bytes}`);
  }
  return path.endsWith('.gz') ? decompress(caller, path, bytes) : bytes;
}

/** The file, or its size where that is beyond the limit. */
async function readWithinLimit(path: string): Promise<Uint8Array | number> {
  const { size } = await stat(path);
  return size > MAX_FILE_BYTES ? size : readFile(path);
}

async function decompress(caller: string, path: string, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch (cause) {
    throw new RangeError(
      `${caller}: ${path} must be whole gzip data of at most ${MAX_FILE_BYTES} bytes, got damaged data (${(cause as Error).message}); fetch it again`,
      { cause },
    );
  }
}
