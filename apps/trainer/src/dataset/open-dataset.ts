import { concatImages, type LabelledImages, pictureToImage } from '@digits/data';
import { loadDataset, loadSplit, SPLIT_FILES } from '@digits/data/node';
import { cutValidation } from '@digits/model';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasSubfolders, readAddedPictures, readPictureFolder } from './picture-folder.ts';

/** How the images of a labelled set reach the network: as they are, or as pictures that somebody took. */
export const PREPROCESSINGS = ['none', 'picture'] as const;
export type Preprocessing = (typeof PREPROCESSINGS)[number];

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** Side of the images that the picture path makes, and of MNIST's. */
const NETWORK_SIDE = 28;

/** Images of 28x28 are used as they are, others go through the picture path, unless asked otherwise. */
function preprocessingFor(images: LabelledImages, asked: Preprocessing | undefined): Preprocessing {
  return asked ?? (images.height === NETWORK_SIDE && images.width === NETWORK_SIDE ? 'none' : 'picture');
}

/** @returns 28x28 images with `picture`, the same object with `none`; an image without ink becomes a black one */
function preprocess(labelled: LabelledImages, preprocessing: Preprocessing): LabelledImages {
  if (preprocessing === 'none') return labelled;
  const { images, count, height, width } = labelled;
  const prepared = new Uint8Array(count * NETWORK_SIDE * NETWORK_SIDE);
  for (let i = 0; i < count; i++) {
    const data = images.subarray(i * height * width, (i + 1) * height * width);
    const { image } = pictureToImage({ data, width, height, channels: 1 });
    if (image !== null) prepared.set(image, i * NETWORK_SIDE * NETWORK_SIDE);
  }
  return { ...labelled, images: prepared, height: NETWORK_SIDE, width: NETWORK_SIDE };
}

/** How a run cuts its validation split from the training images. */
export type ValidationCut = Parameters<typeof cutValidation>[1];

/** What a run reads: the embedded MNIST, a folder of four IDX files, or a folder of pictures in one subfolder per class. */
export interface DatasetChoice {
  /** `mnist` or a folder. */
  readonly source: string;
  /** Overrides how IDX images reach the network; pictures always take the picture path. */
  readonly preprocess?: Preprocessing | undefined;
  /** A folder of pictures to be added to the training images, subfolders named as the classes. */
  readonly add?: string | undefined;
}

/** A labelled set as the network gets it. */
export interface OpenedDataset {
  /** All training images; the validation split is still to be cut off. */
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly classNames: readonly string[];
  readonly preprocessing: Preprocessing;
  /** Of all that was read. */
  readonly checksum: string;
}

/**
 * Loads a labelled set and makes it ready.
 *
 * @throws Error or RangeError naming the folder or file that is not as it must be
 */
export async function openDataset({ source, preprocess: asked, add }: DatasetChoice): Promise<OpenedDataset> {
  const stored = (await isPictureFolder(source)) ? await openPictures(source, asked) : await openIdx(source, asked);
  if (add === undefined) return stored;
  const added = await readAddedPictures(add, stored.classNames);
  if (stored.train.height !== added.images.height || stored.train.width !== added.images.width) {
    throw new Error(
      `--add: the images of --dataset must be 28x28 as the added ones, got ${stored.train.height}x${stored.train.width}; ` +
        'add --preprocess picture',
    );
  }
  const checksum = createHash('sha256').update(`${stored.checksum}\n${added.checksum}\n`).digest('hex');
  return { ...stored, train: concatImages(stored.train, added.images), checksum };
}

/**
 * Loads one split, of which `train` and `validation` are both cut from the stored training images.
 *
 * @param classNames those of the model that reads it
 * @param preprocessing how IDX images reach the network
 * @throws Error or RangeError naming the folder or file that is not as it must be
 */
export async function openSplit(
  source: string,
  split: Split,
  classNames: readonly string[],
  { preprocessing, cut }: { readonly preprocessing: Preprocessing; readonly cut: ValidationCut },
): Promise<LabelledImages> {
  if (await isPictureFolder(source)) {
    const { train, test } = await readPictureFolder(source, classNames);
    return split === 'test' ? test : cutValidation(train, cut)[split];
  }
  const numClasses = classNames.length;
  const stored = await loadSplit(source, split === 'test' ? 'test' : 'train', { numClasses });
  return preprocess(split === 'test' ? stored : cutValidation(stored, cut)[split], preprocessing);
}

async function openIdx(source: string, asked: Preprocessing | undefined): Promise<OpenedDataset> {
  const { train, test, checksum } = await loadDataset(source);
  const preprocessing = preprocessingFor(train, asked);
  return {
    train: preprocess(train, preprocessing),
    test: preprocess(test, preprocessing),
    classNames: Array.from({ length: train.numClasses }, (_, label) => String(label)),
    preprocessing,
    checksum,
  };
}

async function openPictures(source: string, asked: Preprocessing | undefined): Promise<OpenedDataset> {
  if (asked === 'none') {
    throw new Error(`--preprocess must be picture for a folder of pictures, got none with ${source}`);
  }
  return { ...(await readPictureFolder(source)), preprocessing: 'picture' };
}

/** A folder with subfolders and none of the IDX files. */
async function isPictureFolder(source: string): Promise<boolean> {
  if (source === 'mnist' || !existsSync(source)) return false;
  const idxFiles = Object.values(SPLIT_FILES).flatMap(({ images, labels }) => [images, labels]);
  if (idxFiles.some((name) => existsSync(join(source, name)) || existsSync(join(source, `${name}.gz`)))) return false;
  return hasSubfolders(source).catch(() => false);
}
