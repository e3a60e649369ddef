import { type LabelledImages, selectImages, stratifiedSplit } from '@digits/data';
import { readPicture } from '@digits/picture-files';
import { type InkDetector, prepareImage } from '@digits/reader';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import pMap from 'p-map';
import { withInk } from './ink.ts';

/** Pictures in one subfolder per class, made ready for the network. */
export interface PictureFolder {
  readonly classNames: readonly string[];
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** SHA-256 over the pictures' paths and bytes, in their order. */
  readonly checksum: string;
}

const SIDE = 28;
const MAX_CLASSES = 256;
/** MNIST's own share: 10,000 of 70,000. */
const TEST_SHARE = 1 / 7;
/** The test split of a folder is the same in every run, whatever the run's seed. */
const TEST_SEED = 0;
const CONCURRENT_READS = 8;

/**
 * Reads a folder that holds one subfolder of pictures per class. Each picture takes the path that `predict` gives it, to
 * 28x28. Where the folder's only subfolders are `train` and `test`, these hold the classes and are the splits; otherwise one in
 * seven pictures of each class is put aside for the test split.
 *
 * @param knownClasses where given, the classes and their order; a subfolder of another name is refused
 * @throws Error naming the folder or the picture: no classes, a class without pictures, a picture that cannot be read or is blank
 */
export async function readPictureFolder(folder: string, knownClasses?: readonly string[]): Promise<PictureFolder> {
  const subfolders = await listSubfolders(folder);
  if (subfolders.length === 2 && subfolders[0] === 'test' && subfolders[1] === 'train') {
    const classNames = knownClasses ?? (await listSubfolders(join(folder, 'train')));
    const train = await readClasses(join(folder, 'train'), classNames);
    const test = await readClasses(join(folder, 'test'), classNames);
    return { classNames, train: train.images, test: test.images, checksum: checksumOf([train, test]) };
  }
  const classNames = knownClasses ?? subfolders;
  const all = await readClasses(folder, classNames);
  const testSize = Math.max(1, Math.floor(all.images.count * TEST_SHARE));
  const { train, validation } = stratifiedSplit(all.images.labels, classNames.length, testSize, TEST_SEED);
  return {
    classNames,
    train: selectImages(all.images, train),
    test: selectImages(all.images, validation),
    checksum: checksumOf([all]),
  };
}

/**
 * Reads the pictures that `--add` names as one set, with nothing put aside.
 *
 * @throws Error as `readPictureFolder` does, and where there is no folder
 */
export async function readAddedPictures(folder: string, classNames: readonly string[]): Promise<ReadClasses> {
  try {
    await listSubfolders(folder);
  } catch (cause) {
    throw new Error(`--add must be a folder with a subfolder of pictures for each class, got ${folder}`, { cause });
  }
  return readClasses(folder, classNames, '--add');
}

/** Whether a folder has subfolders and could hold a class in each. */
export async function hasSubfolders(folder: string): Promise<boolean> {
  return (await listSubfolders(folder)).length > 0;
}

/** The pictures of a folder of classes. */
export interface ReadClasses {
  readonly images: LabelledImages;
  /** SHA-256 over paths and bytes. */
  readonly checksum: string;
}

/** @param option which named the folder */
async function readClasses(
  folder: string,
  classNames: readonly string[],
  option: '--dataset' | '--add' = '--dataset',
): Promise<ReadClasses> {
  await checkClasses(folder, classNames, option);
  const files: { path: string; label: number }[] = [];
  for (const [label, name] of classNames.entries()) {
    for (const path of await listClass(folder, name)) files.push({ path, label });
  }
  if (files.length === 0)
    throw new Error(`${option}: ${folder} must hold pictures in one subfolder per class, got none`);
  const read = await withInk((ink) =>
    pMap(files, ({ path }) => readImage(path, ink), { concurrency: CONCURRENT_READS }),
  );
  checkImages(read, files, option);
  const images = new Uint8Array(files.length * SIDE * SIDE);
  const hash = createHash('sha256');
  read.forEach(({ image, digest }, i) => {
    if (image !== null) images.set(image, i * SIDE * SIDE);
    hash.update(`${relative(folder, files[i].path).split(sep).join('/')}\n${digest}\n`);
  });
  const labels = Uint8Array.from(files, ({ label }) => label);
  const shape = { count: files.length, height: SIDE, width: SIDE, channels: 1, numClasses: classNames.length };
  return { images: { images, labels, ...shape }, checksum: hash.digest('hex') };
}

async function checkClasses(folder: string, classNames: readonly string[], option: string): Promise<void> {
  if (classNames.length < 2 || classNames.length > MAX_CLASSES) {
    throw new Error(
      `${option}: ${folder} must hold 2 to ${MAX_CLASSES} subfolders, one a class, got ${classNames.length}`,
    );
  }
  const strange = (await listSubfolders(folder)).find((name) => !classNames.includes(name));
  if (strange !== undefined) {
    const known = classNames.length > 12 ? `${classNames.slice(0, 12).join(', ')}, ...` : classNames.join(', ');
    throw new Error(`${option}: ${folder} must hold subfolders named as the classes (${known}), got ${strange}`);
  }
}

async function listClass(folder: string, name: string): Promise<string[]> {
  const path = join(folder, name);
  try {
    return await listPictures(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function listSubfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  return names.sort(compareNames);
}

/** A picture made ready, or why it could not be. */
interface ReadImage {
  readonly image: Uint8Array | null;
  readonly digest: string;
  readonly problem: string | null;
}

async function readImage(path: string, ink: InkDetector): Promise<ReadImage> {
  const bytes = await readFile(path);
  const digest = createHash('sha256').update(bytes).digest('hex');
  try {
    const { image, reason } = await prepareImage((await readPicture(bytes)).picture, ink);
    return { image, digest, problem: reason };
  } catch (error) {
    return { image: null, digest, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Names all at once, so that a folder is put right in one go. */
function checkImages(read: readonly ReadImage[], files: readonly { readonly path: string }[], option: string): void {
  const bad = read.flatMap(({ problem }, i) => (problem === null ? [] : [`${files[i].path} (${problem})`]));
  if (bad.length === 0) return;
  const shown = bad.slice(0, 3).join(', ');
  throw new Error(
    `${option}: every picture must be readable with something written on it, got ${bad.length} of ${files.length} that are not: ` +
      `${shown}${bad.length > 3 ? ', ...' : ''}; remove or replace them`,
  );
}

function checksumOf(parts: readonly ReadClasses[]): string {
  if (parts.length === 1) return parts[0].checksum;
  const hash = createHash('sha256');
  for (const { checksum } of parts) hash.update(`${checksum}\n`);
  return hash.digest('hex');
}

/** Endings of the files that are taken for pictures where a folder is named; a file named by itself may end as it likes. */
const PICTURE_ENDINGS = ['.png', '.jpg', '.jpeg', '.webp', '.avif', '.gif', '.bmp', '.tif', '.tiff'];

/** Whether a file's name is one of a picture; hidden files are none. */
function isPictureName(name: string): boolean {
  return !name.startsWith('.') && PICTURE_ENDINGS.includes(extname(name).toLowerCase());
}

/**
 * Lists the pictures in a folder and in its subfolders, hidden ones aside.
 *
 * @returns paths that begin with the folder as it was given, in the order of their names
 * @throws Error of the file system
 */
export async function listPictures(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  entries.sort((a, b) => compareNames(a.name, b.name));
  const lists = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = join(folder, entry.name);
      const isFolder = entry.isSymbolicLink() ? (await stat(path)).isDirectory() : entry.isDirectory();
      if (isFolder) return listPictures(path);
      return isPictureName(entry.name) ? [path] : [];
    }),
  );
  return lists.flat();
}

/** Compares as `sort` does: the same order on every machine, in any locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
