import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isSplitName, SPLIT_ORDER, SPLIT_WORDS } from './formats/split-words.ts';
import { compareNames, isHidden, listFolders, listPictures } from './picture-listing.ts';
import type { DatasetForm, ReadingProgress, StoredSplit, StoredSplitName } from './stored-dataset.ts';

const MAX_CLASSES = 256;

/** Pictures in one subfolder for each class, which may be in one folder for each split. */
export const pictureForm: DatasetForm = {
  description:
    'a folder with a subfolder of pictures for each class, which may be in folders train, validation and test',
  matches: async (path) =>
    (await stat(path)).isDirectory() && (await listFolders(path)).some((name) => !isHidden(name)),
  open: async (path, onRead) => {
    const { splits, skipped } = await findSplits(path);
    const classNames = classesOf(path, splits);
    const checksum = await checksumOf(splits, onRead);
    const stored: Partial<Record<StoredSplitName, StoredSplit>> = {};
    for (const { name, classes } of splits) stored[name] = storedSplit(path, classes, classNames);
    return { form: 'pictures', splits: stored, classNames, checksum, notes: noteSkipped(skipped) };
  },
};

/** Paths of the pictures of each class, by the class's name; classes without pictures are left out. */
type Classes = ReadonlyMap<string, readonly string[]>;

/** One split, and the folder that its classes are in. */
interface FoundSplit {
  readonly name: StoredSplitName;
  readonly root: string;
  readonly classes: Classes;
}

/** A folder that is left out, and why. */
interface SkippedFolder {
  readonly path: string;
  readonly reason: string;
}

interface FoundSplits {
  /** In the order train, validation, test. */
  readonly splits: readonly FoundSplit[];
  readonly skipped: readonly SkippedFolder[];
}

/**
 * Finds the classes of each split. Subfolders are splits if they are called so and hold classes; otherwise they are classes of `train`.
 * A single folder around all of them, as archives have it, is entered.
 */
async function findSplits(folder: string): Promise<FoundSplits> {
  const skipped: SkippedFolder[] = [];
  const names = await visibleFolders(folder, skipped);
  const inner = new Map<string, Classes>();
  for (const name of names) inner.set(name, await findClasses(join(folder, name), []));
  const classesIn = (name: string) => [...(inner.get(name)?.keys() ?? [])];
  const isSplit = (name: string) => isSplitName(name) && classesIn(name).length > 0;
  const [splitNames, others] = [names.filter(isSplit), names.filter((name) => !isSplit(name))];
  if (splitNames.length > 0) {
    const splits: FoundSplit[] = [];
    for (const folderName of splitNames) {
      const name = SPLIT_WORDS[folderName.toLowerCase()];
      if (splits.some((split) => split.name === name)) {
        throw new Error(
          `openStoredDataset: ${folder} must hold one folder for each split, got ${splitNames.join(', ')}; ` +
            `put the classes of the ${name} split into one folder`,
        );
      }
      const root = join(folder, folderName);
      splits.push({ name, root, classes: await findClasses(root, skipped) });
    }
    for (const name of others) await requireNoClass(folder, name, splitNames, skipped);
    splits.sort((a, b) => SPLIT_ORDER.indexOf(a.name) - SPLIT_ORDER.indexOf(b.name));
    return { splits, skipped };
  }
  const [only] = names;
  if (names.length === 1 && (classesIn(only).length > 1 || classesIn(only).some(isSplitName))) {
    const { splits, skipped: below } = await findSplits(join(folder, only));
    return { splits, skipped: [...skipped, ...below] };
  }
  const found: SkippedFolder[] = [];
  return { splits: [{ name: 'train', root: folder, classes: await findClasses(folder, found) }], skipped: found };
}

/** Skips a folder beside those of splits, unless it seems to be a class. */
async function requireNoClass(
  folder: string,
  name: string,
  splitNames: readonly string[],
  skipped: SkippedFolder[],
): Promise<void> {
  const path = join(folder, name);
  const numPictures = (await listPictures(path)).length;
  if (numPictures > 0 && !isSplitName(name)) {
    throw new Error(
      `openStoredDataset: ${folder} must hold folders of splits alone or of classes alone, got ${splitNames.join(', ')} beside ${name}; ` +
        'move one of them away',
    );
  }
  skipped.push({ path, reason: numPictures === 0 ? 'no pictures' : 'no subfolders of classes' });
}

async function findClasses(folder: string, skipped: SkippedFolder[]): Promise<Classes> {
  const classes = new Map<string, readonly string[]>();
  for (const name of await visibleFolders(folder, skipped)) {
    const path = join(folder, name);
    const pictures = await listPictures(path);
    if (pictures.length === 0) skipped.push({ path, reason: 'no pictures' });
    else classes.set(name, pictures);
  }
  return classes;
}

async function visibleFolders(folder: string, skipped: SkippedFolder[]): Promise<string[]> {
  const names = await listFolders(folder);
  for (const name of names.filter(isHidden)) skipped.push({ path: join(folder, name), reason: 'hidden' });
  return names.filter((name) => !isHidden(name));
}

/**
 * Returns the names of the classes: those of the training split, or of all splits without one.
 *
 * @throws Error if there are no pictures, too many classes, or a class without training pictures
 */
function classesOf(folder: string, splits: FoundSplits['splits']): string[] {
  const train = splits.find(({ name }) => name === 'train');
  const all = [...new Set(splits.flatMap(({ classes }) => [...classes.keys()]))].sort(compareNames);
  if (all.length === 0) {
    throw new Error(
      `openStoredDataset: ${folder} must hold pictures (png, jpeg, webp, avif, gif, bmp, tiff) in one subfolder for each class, got none`,
    );
  }
  const names = train === undefined ? all : [...train.classes.keys()];
  if (names.length > MAX_CLASSES) {
    throw new Error(
      `openStoredDataset: ${folder} must hold at most ${MAX_CLASSES} subfolders with pictures, one for each class, got ${names.length}`,
    );
  }
  const strange = all.find((name) => !names.includes(name));
  if (strange !== undefined) {
    throw new Error(
      `openStoredDataset: ${folder} must hold training pictures of every class (${shorten(names)}), got none of ${strange}`,
    );
  }
  return names;
}

/** Names in one line, at most twelve. */
function shorten(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, ...` : names.join(', ');
}

function storedSplit(folder: string, classes: Classes, classNames: readonly string[]): StoredSplit {
  const files: string[] = [];
  const labels: number[] = [];
  classNames.forEach((name, label) => {
    for (const path of classes.get(name) ?? []) {
      files.push(path);
      labels.push(label);
    }
  });
  return {
    images: {
      form: 'files',
      count: files.length,
      read: (index) => Promise.resolve().then(() => readSmallFile(files[index])),
    },
    labels: Uint8Array.from(labels),
    names: files.map((path) => nameWithin(folder, path)),
  };
}

function nameWithin(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}

/** Number of files after which other work gets its turn. */
const FILES_AT_A_TIME = 256;

/** SHA-256 over the paths and bytes of all pictures, split by split. */
async function checksumOf(splits: FoundSplits['splits'], onRead?: ReadingProgress): Promise<string> {
  const total = splits.reduce((sum, { classes }) => sum + filesOf(classes).length, 0);
  const parts: string[] = [];
  for (const { root, classes } of splits) {
    const hash = createHash('sha256');
    const files = filesOf(classes);
    for (let start = 0; start < files.length; start += FILES_AT_A_TIME) {
      const some = files.slice(start, start + FILES_AT_A_TIME);
      for (const path of some) hash.update(`${nameWithin(root, path)}\n${digestOf(path)}\n`);
      onRead?.(some.length, total);
      await setImmediate();
    }
    parts.push(hash.digest('hex'));
  }
  if (parts.length === 1) return parts[0];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part}\n`);
  return hash.digest('hex');
}

function filesOf(classes: Classes): string[] {
  return [...classes.values()].flat();
}

/** What cannot be read is in the checksum by its path alone. */
function digestOf(path: string): string {
  try {
    return createHash('sha256').update(readSmallFile(path)).digest('hex');
  } catch {
    return 'unreadable';
  }
}

/** Reads a file at once: of small files, that takes a tenth of the processor time that promises take. */
function readSmallFile(path: string): Buffer {
  return readFileSync(path);
}

const MAX_NAMED = 5;

function noteSkipped(skipped: readonly SkippedFolder[]): string[] {
  if (skipped.length === 0) return [];
  const named = skipped.slice(0, MAX_NAMED).map(({ path, reason }) => `${path} (${reason})`);
  const rest = skipped.length > MAX_NAMED ? ` and ${skipped.length - MAX_NAMED} more` : '';
  return [`Folders left out: ${named.join(', ')}${rest}.`];
}
