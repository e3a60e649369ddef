import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** The two splits that IDX files hold. Validation is cut from `train`. */
type IdxSplitName = 'train' | 'test';

/** MNIST's own file names. */
export const SPLIT_FILES = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const satisfies Record<IdxSplitName, { images: string; labels: string }>;

/** One file of a dataset, decompressed. */
export interface DatasetFile {
  /** As found, for errors: with its folder, and `.gz` where it was compressed. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Whether a file in a folder is one of a split. */
export function isSplitFile(name: string): boolean {
  return ALL_FILES.has(name.replace(/\.gz$/, ''));
}

const ALL_FILES: ReadonlySet<string> = new Set(
  Object.values(SPLIT_FILES).flatMap(({ images, labels }) => [images, labels]),
);

/** Returns the splits of which a folder has at least one file, `train` first. */
export async function presentSplits(folder: string): Promise<IdxSplitName[]> {
  const present = new Set((await readdir(folder)).map((name) => name.replace(/\.gz$/, '')));
  const isPresent = (split: IdxSplitName) => Object.values(SPLIT_FILES[split]).some((name) => present.has(name));
  return (['train', 'test'] as const).filter(isPresent);
}

/** What a file may hold, decompressed or not, so that a small `.gz` cannot fill the memory. */
const MAX_FILE_BYTES = 2 ** 30;

/**
 * Reads the files of some splits, each plain or, where there is no plain one, `.gz`.
 *
 * @param caller begins the errors
 * @returns the files in the order of the splits, images before labels
 * @throws Error when a file is missing, cannot be read, is larger than 1 GiB or not whole gzip data
 */
export async function readSplitFiles(
  caller: string,
  folder: string,
  splits: readonly IdxSplitName[],
): Promise<DatasetFile[]> {
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

/**
 * Reads a file, decompressed if it is `.gz`.
 *
 * @param caller begins the errors
 * @throws Error when it cannot be read, RangeError when it is larger than 1 GiB or not whole gzip data
 */
export async function readDatasetFile(caller: string, path: string): Promise<Uint8Array> {
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
