import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseIdx } from '../../dataset/idx.ts';
import { readDatasetFile } from '../dataset-folder.ts';
import type { DatasetForm, StoredDataset, StoredSplit } from '../stored-dataset.ts';
import { emnistLabels, emnistSetOf, type EmnistSet, transposed } from './emnist-names.ts';
import { encodeLabels } from './label-values.ts';
import { listed, problem } from './problem.ts';

const FILE_NAME = /^(emnist-[a-z]+)-(train|test)-(images-idx3|labels-idx1)-ubyte(\.gz)?$/i;

/** EMNIST's IDX files, which hold each image transposed. */
export const emnistForm: DatasetForm = {
  description:
    "one of EMNIST's sets: a folder with emnist-letters-train-images-idx3-ubyte and its three siblings, plain or .gz, or the path of one of them",
  matches: async (path) =>
    (await stat(path)).isDirectory() ? (await readdir(path)).some(isEmnistFile) : isEmnistFile(basename(path)),
  open: async (path) => {
    const folder = (await stat(path)).isDirectory() ? path : dirname(path);
    const names = (await readdir(folder)).filter(isEmnistFile).sort();
    const prefixes = [...new Set(names.map(prefixOf))];
    const prefix = folder === path ? prefixes[0] : prefixOf(basename(path));
    if (folder === path && prefixes.length > 1) {
      throw problem(
        path,
        "hold one of EMNIST's sets",
        listed(prefixes),
        `name a file of the one you mean, such as ${join(path, names[0])}`,
      );
    }
    return openSet(folder, prefix, names);
  },
};

function isEmnistFile(name: string): boolean {
  return FILE_NAME.test(name) && emnistSetOf(name) !== null;
}

function prefixOf(name: string): string {
  return FILE_NAME.exec(name)?.[1] ?? name;
}

async function openSet(folder: string, prefix: string, names: readonly string[]): Promise<StoredDataset> {
  const set = emnistSetOf(`${prefix}-train`);
  if (set === null) throw problem(folder, "hold one of EMNIST's sets", prefix);
  const hash = createHash('sha256');
  const read = [];
  for (const split of ['train', 'test'] as const) {
    const [images, labels] = ['images-idx3', 'labels-idx1'].map((kind) => {
      const name = `${prefix}-${split}-${kind}-ubyte`;
      return names.find((found) => found === name) ?? names.find((found) => found === `${name}.gz`) ?? null;
    });
    if (images === null && labels === null) continue;
    if (images === null || labels === null) {
      throw problem(folder, `hold ${prefix}-${split}-images-idx3-ubyte and -labels-idx1-ubyte`, images ?? labels ?? '');
    }
    const stored = await readSplit(join(folder, images), join(folder, labels), set);
    hash.update(stored.imageBytes).update(stored.labelBytes);
    read.push({ name: split, ...stored });
  }
  const classNames = (await readMapping(join(folder, `${prefix}-mapping.txt`))) ?? set.classNames;
  const encoded = encodeLabels(read, classNames);
  const splits: Partial<Record<'train' | 'test', StoredSplit>> = {};
  read.forEach(({ name, images, names: imageNames }, i) => {
    splits[name] = { images, labels: encoded.labels[i], names: imageNames };
  });
  const notes = ['EMNIST stores its images transposed; they were turned back.'];
  return { form: 'EMNIST', splits, classNames: encoded.classNames, checksum: hash.digest('hex'), notes };
}

async function readSplit(imagePath: string, labelPath: string, set: EmnistSet) {
  const [imageBytes, labelBytes] = [await readDatasetFile(CALLER, imagePath), await readDatasetFile(CALLER, labelPath)];
  const images = parseIdx(imageBytes, { type: 'uint8', rank: 3, file: imagePath });
  const labels = parseIdx(labelBytes, { type: 'uint8', rank: 1, file: labelPath }).values;
  const [count, height, width] = images.shape;
  if (count === 0 || height !== width || height === 0) {
    throw problem(imagePath, 'hold square images', `${count} of ${height}x${width}`);
  }
  if (labels.length !== count) {
    throw problem(labelPath, `hold ${count} labels, one for each image of ${imagePath}`, String(labels.length));
  }
  const file = basename(imagePath, '.gz');
  const whereIs = (index: number) => `${labelPath}[${index}]`;
  return {
    imageBytes,
    labelBytes,
    file: labelPath,
    images: {
      form: 'pixels',
      pixels: transposed(images.values, height),
      count,
      height,
      width,
      channels: 1,
    } as const,
    values: emnistLabels(set, labels, whereIs),
    names: Array.from({ length: count }, (_, i) => `${file}:${i}`),
    whereIs,
  };
}

const CALLER = 'openStoredDataset';

/** Reads the classes of a mapping file: a label and the character codes of its class in each line. Null without one. */
async function readMapping(path: string): Promise<string[] | null> {
  const text = await readFile(path, 'latin1').catch(() => null);
  if (text === null) return null;
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const code = Number(line.trim().split(/\s+/)[1]);
      if (!(code > 0 && code <= 0x10ffff)) {
        throw problem(path, 'have a label and a character code in each line', JSON.stringify(line));
      }
      return String.fromCodePoint(code);
    });
}
