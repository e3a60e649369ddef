import { createHash, type Hash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isHidden } from '../picture-listing.ts';
import type { DatasetForm, StoredDataset, StoredPixels, StoredSplit, StoredSplitName } from '../stored-dataset.ts';
import { encodeLabels, type LabelValue } from './label-values.ts';
import { type NpyArray, parseNpy } from './npy.ts';
import { PixelRows } from './pixel-rows.ts';
import { listed, problem } from './problem.ts';
import { SPLIT_ORDER, splitOfName, wordsOf } from './split-words.ts';
import { zipEntries } from './zip-entries.ts';

/** NumPy's arrays, named as Keras, MedMNIST and others name them. */
export const npzForm: DatasetForm = {
  description:
    'an .npz file with the arrays x_train, y_train, x_test and y_test, or images and labels; or a folder of such .npy or .npz files',
  matches: async (path) =>
    (await stat(path)).isDirectory() ? (await readdir(path)).some(isArrayFile) : isArrayFile(basename(path)),
  open: async (path) => {
    const files = (await stat(path)).isDirectory()
      ? (await readdir(path))
          .filter(isArrayFile)
          .sort()
          .map((name) => join(path, name))
      : [path];
    const sources: ArraySource[] = [];
    for (const file of files) sources.push(...(await listArrays(file)));
    return openArrays(path, sources);
  },
};

function isArrayFile(name: string): boolean {
  return /\.np[yz]$/i.test(name) && !isHidden(name);
}

/** An array that is not read yet. */
interface ArraySource {
  /** File and name of the array, for errors and names: `mnist.npz/x_train`. */
  readonly where: string;
  /** What tells its role: `x_train`, or `kmnist-train-imgs/arr_0`. */
  readonly name: string;
  read(): Promise<Buffer>;
}

/** Limit on one array. */
const MAX_ARRAY_BYTES = 2 ** 31;

async function listArrays(file: string): Promise<ArraySource[]> {
  const stem = basename(file).replace(/\.np[yz]$/i, '');
  if (/\.npy$/i.test(file)) {
    const { size } = await stat(file);
    return [{ where: file, name: stem, read: () => withinLimit(file, size, () => readFile(file)) }];
  }
  const sources: ArraySource[] = [];
  for await (const entry of zipEntries(file)) {
    const array = entry.name.replace(/\.npy$/i, '');
    const where = `${file}/${array}`;
    // The file's name tells the role of numpy.savez's unnamed arrays only.
    const name = /^arr_\d+$/.test(array) ? `${stem}/${array}` : array;
    sources.push({
      where,
      name,
      read: () => withinLimit(where, entry.size, () => readZipped(file, entry.name)),
    });
  }
  if (sources.length === 0) throw problem(file, 'hold arrays', 'none');
  return sources;
}

async function withinLimit(where: string, size: number, read: () => Promise<Buffer>): Promise<Buffer> {
  if (size > MAX_ARRAY_BYTES) {
    throw problem(where, `have at most ${MAX_ARRAY_BYTES} bytes`, String(size), 'save it as uint8, or in parts');
  }
  return read();
}

async function readZipped(file: string, name: string): Promise<Buffer> {
  for await (const entry of zipEntries(file)) {
    if (entry.name !== name) continue;
    const chunks: Buffer[] = [];
    for await (const chunk of entry.read()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  throw problem(file, `hold ${name}`, 'none', 'was it changed while it was read?');
}

/** The arrays of one split. */
interface ArraySplit {
  readonly name: StoredSplitName;
  readonly images: ArraySource;
  readonly labels: ArraySource;
}

async function openArrays(path: string, sources: readonly ArraySource[]): Promise<StoredDataset> {
  const { splits, classNames: namesSource, unused } = assignRoles(path, sources);
  const hash = createHash('sha256');
  const notes: string[] = [];
  const read = [];
  for (const { name, images, labels } of splits) {
    const pixels = toImages(images, await readArray(images, hash), notes);
    const values = toLabels(labels, await readArray(labels, hash));
    if (values.length !== pixels.count) {
      throw problem(
        labels.where,
        `hold ${pixels.count} labels, one for each image of ${images.where}`,
        String(values.length),
      );
    }
    read.push({
      name,
      file: labels.where,
      images: pixels,
      values,
      names: Array.from({ length: pixels.count }, (_, i) => `${images.name}[${i}]`),
      whereIs: (index: number) => `${labels.where}[${index}]`,
    });
  }
  const known = namesSource === null ? undefined : toNames(namesSource, await readArray(namesSource, hash));
  const { classNames, labels } = encodeLabels(read, known);
  const stored: Partial<Record<StoredSplitName, StoredSplit>> = {};
  read.forEach(({ name, images, names }, i) => {
    stored[name] = { images, labels: labels[i], names };
  });
  if (unused.length > 0) notes.push(`Arrays left out: ${listed(unused.map(({ name }) => name))}.`);
  return { form: 'NPZ', splits: stored, classNames, checksum: hash.digest('hex'), notes };
}

async function readArray(source: ArraySource, hash: Hash): Promise<NpyArray> {
  const bytes = await source.read();
  hash.update(bytes);
  return parseNpy(source.where, bytes);
}

const IMAGE_WORDS = ['x', 'images', 'image', 'imgs', 'img', 'data', 'pixels', 'features'];
const LABEL_WORDS = ['y', 'labels', 'label', 'targets', 'target'];
const NAME_WORDS = ['names', 'classes'];

type Role = 'images' | 'labels' | 'names';

function roleOf(name: string): Role | null {
  // `xtrain` is two words.
  const words = wordsOf(name).flatMap((word) => /^([xy])(train|test|val|valid)$/.exec(word)?.slice(1) ?? [word]);
  if (words.some((word) => NAME_WORDS.includes(word))) return 'names';
  if (words.some((word) => LABEL_WORDS.includes(word))) return 'labels';
  return words.some((word) => IMAGE_WORDS.includes(word)) ? 'images' : null;
}

function assignRoles(path: string, sources: readonly ArraySource[]) {
  const withRoles = sources.map((source) => ({
    source,
    role: roleOf(source.name),
    split: splitOfName(source.name.replace(/\b([xy])(train|test|val)/i, '$1_$2')) ?? 'train',
  }));
  const found = listed(sources.map(({ name }) => name));
  const only = (role: Role, split: StoredSplitName): ArraySource | null => {
    const matching = withRoles.filter((entry) => entry.role === role && entry.split === split);
    if (matching.length > 1) {
      throw problem(
        path,
        `hold one array of ${role} for the ${split} split`,
        listed(matching.map(({ source }) => source.name)),
        'name them x_train, y_train, x_test and y_test',
      );
    }
    return matching.at(0)?.source ?? null;
  };
  const splits = SPLIT_ORDER.flatMap((name): ArraySplit[] => {
    const [images, labels] = [only('images', name), only('labels', name)];
    if (images === null && labels === null) return [];
    if (images === null || labels === null) {
      throw problem(
        path,
        `hold both images and labels for the ${name} split`,
        `the arrays ${found}`,
        'name them x_train, y_train, x_test and y_test, or images and labels',
      );
    }
    return [{ name, images, labels }];
  });
  if (splits.length === 0) {
    throw problem(
      path,
      'hold arrays called x_train, y_train, x_test and y_test, or images and labels',
      found,
      'save them with these names: numpy.savez_compressed("set.npz", x_train=..., y_train=...)',
    );
  }
  return {
    splits,
    classNames: withRoles.find(({ role }) => role === 'names')?.source ?? null,
    unused: withRoles.filter(({ role }) => role === null).map(({ source }) => source),
  };
}

/** Brings an array of images to `[count, height, width, channels]` bytes. */
function toImages(source: ArraySource, array: NpyArray, notes: string[]): StoredPixels {
  const { shape } = array;
  const layout = imageLayout(shape);
  if (array.kind !== 'numbers' || layout === null) {
    throw problem(
      source.where,
      'have the shape (n, height, width), (n, height, width, 1 or 3), (n, 1 or 3, height, width) or (n, pixels of a square)',
      array.kind === 'strings' ? 'text' : `(${shape.join(', ')})`,
    );
  }
  const { count, height, width, channels, isPlanar } = layout;
  if (count * height * width === 0) throw problem(source.where, 'hold images', `the shape (${shape.join(', ')})`);
  const size = height * width * channels;
  const rows = new PixelRows(size, source.where);
  for (let i = 0; i < count; i++) {
    rows.add(array.values, i * size, (pixel) => ({
      where: `${source.where}[${i}]: pixel ${pixel}`,
      found: String(array.values[i * size + pixel]),
    }));
  }
  const pixels = rows.finish();
  if (rows.wereScaled) notes.push(`${source.name}: pixels from 0 to 1 were multiplied by 255.`);
  const interleaved = isPlanar ? interleave(pixels, height * width, channels) : pixels;
  return { form: 'pixels', pixels: interleaved, count, height, width, channels };
}

function imageLayout(shape: readonly number[]) {
  const [count, ...rest] = shape;
  const [a, b, c] = rest;
  const isChannels = (n: number) => n === 1 || n === 3;
  if (rest.length === 1 && Number.isInteger(Math.sqrt(a))) {
    return { count, height: Math.sqrt(a), width: Math.sqrt(a), channels: 1, isPlanar: false };
  }
  if (rest.length === 2) return { count, height: a, width: b, channels: 1, isPlanar: false };
  if (rest.length === 3 && isChannels(c)) return { count, height: a, width: b, channels: c, isPlanar: false };
  if (rest.length === 3 && isChannels(a)) return { count, height: b, width: c, channels: a, isPlanar: true };
  return null;
}

/** Turns `[n, channels, area]` into `[n, area, channels]`. */
function interleave(pixels: Uint8Array, area: number, channels: number): Uint8Array {
  if (channels === 1) return pixels;
  const result = new Uint8Array(pixels.length);
  for (let start = 0; start < pixels.length; start += area * channels) {
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < area; i++) result[start + i * channels + channel] = pixels[start + channel * area + i];
    }
  }
  return result;
}

/** Takes `(n)`, `(n, 1)`, or `(n, classes)` with one 1 in each row. */
function toLabels(source: ArraySource, { shape, values }: NpyArray): LabelValue[] {
  if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) return Array.from<LabelValue>(values);
  if (shape.length !== 2) {
    throw problem(source.where, 'have the shape (n), (n, 1) or, one-hot, (n, classes)', `(${shape.join(', ')})`);
  }
  const [count, numClasses] = shape;
  return Array.from({ length: count }, (_, i) => {
    const row = Array.from({ length: numClasses }, (_unused, j): LabelValue => values[i * numClasses + j]);
    if (
      row.filter((value) => value === 1).length !== 1 ||
      row.filter((value) => value === 0).length !== numClasses - 1
    ) {
      throw problem(`${source.where}[${i}]`, 'have one 1 among zeros', `(${listed(row.map(String))})`);
    }
    return row.indexOf(1);
  });
}

function toNames(source: ArraySource, array: NpyArray): string[] {
  if (array.kind !== 'strings' || array.shape.length !== 1) {
    throw problem(
      source.where,
      'hold the names of the classes as text',
      `${array.kind} of the shape (${array.shape.join(', ')})`,
    );
  }
  return Array.from(array.values);
}
