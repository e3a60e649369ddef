import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { isHidden } from '../picture-listing.ts';
import type { DatasetForm, ReadingProgress, StoredDataset, StoredSplit, StoredSplitName } from '../stored-dataset.ts';
import { encodeLabels } from './label-values.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';
import { type ParquetSplit, readParquetSplit } from './parquet-split.ts';
import { listed, problem } from './problem.ts';
import { SPLIT_ORDER, splitOfName } from './split-words.ts';

/** Parquet tables: pictures with labels as Hugging Face stores them, or a column for each pixel as pandas writes them. */
export const parquetForm: DatasetForm = {
  description:
    'a .parquet file, or a folder of them (train-00000-of-00002.parquet, ...), with the columns image and label, or with a label and a column for each pixel',
  matches: async (path) =>
    (await stat(path)).isDirectory() ? (await listParquet(path)).length > 0 : isParquetName(basename(path)),
  open: async (path, onRead) => {
    const isFolder = (await stat(path)).isDirectory();
    const splits = isFolder ? shardsBySplit(path, await listParquet(path)) : [singleFile(path)];
    return openSplits(splits, onRead);
  },
};

function isParquetName(name: string): boolean {
  return /\.(parquet|pq)$/i.test(name) && !isHidden(name);
}

/** How deep Hugging Face nests the files: `default/train/0000.parquet`. */
const MAX_DEPTH = 3;

async function listParquet(folder: string, depth = 1): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !isHidden(name));
  const files = entries.filter((entry) => !entry.isDirectory() && isParquetName(entry.name)).map(({ name }) => name);
  const paths = files.sort().map((name) => join(folder, name));
  if (depth >= MAX_DEPTH) return paths;
  for (const { name } of entries.filter((entry) => entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    paths.push(...(await listParquet(join(folder, name), depth + 1)));
  }
  return paths;
}

/** The files of one split, in their order. */
interface Shards {
  readonly name: StoredSplitName;
  readonly paths: readonly string[];
  readonly notes: readonly string[];
}

const SHARD_NAME = /-(\d+)-of-(\d+)\.\w+$/;

function singleFile(path: string): Shards {
  const numShards = Number(SHARD_NAME.exec(path)?.[2] ?? 1);
  const notes =
    numShards > 1 ? [`${basename(path)} is one of ${numShards} files; name their folder to read them all.`] : [];
  return { name: splitOfName(basename(path)) ?? 'train', paths: [path], notes };
}

function shardsBySplit(folder: string, paths: readonly string[]): Shards[] {
  return SPLIT_ORDER.flatMap((name) => {
    const own = paths.filter((path) => (splitOfFile(folder, path) ?? 'train') === name);
    if (own.length === 0) return [];
    const folders = [...new Set(own.map(dirname))];
    if (folders.length > 1) {
      throw problem(
        folder,
        `hold the files of the ${name} split in one folder`,
        listed(folders.map((path) => relative(folder, path) || '.')),
        'name one of these folders',
      );
    }
    requireAllShards(folder, own);
    return [{ name, paths: own, notes: [] }];
  });
}

function splitOfFile(folder: string, path: string): StoredSplitName | null {
  return splitOfName(basename(path)) ?? splitOfName(relative(folder, dirname(path)));
}

function requireAllShards(folder: string, paths: readonly string[]): void {
  const numbers = paths.map((path) => SHARD_NAME.exec(path)).filter((match) => match !== null);
  if (numbers.length === 0) return;
  const numShards = Number(numbers[0][2]);
  const present = new Set(numbers.map((match) => Number(match[1])));
  const missing = Array.from({ length: Math.min(numShards, 100_000) }, (_, i) => i).filter((i) => !present.has(i));
  if (missing.length === 0 && numbers.length === paths.length && numbers.length === numShards) return;
  throw problem(
    folder,
    `hold ${numShards} files as ${basename(paths[0])} says`,
    missing.length > 0 ? `none with ${listed(missing.map((i) => String(i).padStart(5, '0')))}` : `${paths.length}`,
    missing.length > 0 ? 'fetch the missing files' : 'move the others away',
  );
}

async function openSplits(shards: readonly Shards[], onRead?: ReadingProgress): Promise<StoredDataset> {
  const hash = createHash('sha256');
  const total = shards.reduce((sum, { paths }) => sum + paths.length, 0);
  const splits: (ParquetSplit & { readonly name: StoredSplitName })[] = [];
  const notes = shards.flatMap((shard) => shard.notes);
  for (const { name, paths } of shards) {
    const files: ParquetFile[] = [];
    for (const path of paths) {
      await hashFile(path, hash);
      files.push(await openParquet(path));
      onRead?.(1, total);
    }
    const split = await readParquetSplit(files);
    // Hugging Face labels the images of a competition's test split with -1.
    if (shards.length > 1 && split.values.every((value) => value === -1)) {
      notes.push(`The ${name} split has no labels and is left out.`);
    } else splits.push({ ...split, name });
  }
  const { classNames, labels } = encodeLabels(
    splits,
    splits.find((split) => split.classNames !== null)?.classNames ?? undefined,
  );
  const stored: Partial<Record<StoredSplitName, StoredSplit>> = {};
  splits.forEach(({ name, images, names }, i) => {
    stored[name] = { images, labels: labels[i], names };
  });
  notes.push(...splits.flatMap((split) => split.notes));
  return { form: 'Parquet', splits: stored, classNames, checksum: hash.digest('hex'), notes };
}

async function hashFile(path: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>)
    hash.update(chunk);
}
