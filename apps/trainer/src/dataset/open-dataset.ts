import type { LabelledImages } from '@digits/data';
import { concatImages } from '@digits/synthesis';
import { loadDataset, loadSplit, SPLIT_FILES } from '@digits/data/node';
import { cutValidation, type Model } from '@digits/model';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasSubfolders, readAddedPictures, readPictureFolder } from './picture-folder.ts';
import { NETWORK_SIDE, type PreparedImages, prepareStoredImages } from './stored-images.ts';

/** How the images of a labelled set reach the network: as they are, or through the same preprocessing as pictures in `predict`. */
export const PREPROCESSINGS = ['none', 'picture'] as const;
export type Preprocessing = (typeof PREPROCESSINGS)[number];

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** What a run reads: the embedded MNIST, a folder of four IDX files, or a folder of pictures in one subfolder per class. */
export interface DatasetChoice {
  /** `mnist` or a folder. */
  readonly source: string;
  /** Overrides how IDX images reach the network; pictures are always preprocessed. */
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
  /** SHA-256 over everything that was read, unread images included. */
  readonly checksum: string;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/**
 * Loads a labelled set and preprocesses it.
 *
 * @throws Error or RangeError naming the folder or file that is wrong
 */
export async function openDataset({ source, preprocess: asked, add }: DatasetChoice): Promise<OpenedDataset> {
  const stored = (await isPictureFolder(source)) ? await openPictures(source, asked) : await openIdx(source, asked);
  if (add === undefined) return stored;
  const added = await readAddedPictures(add, stored.classNames);
  if (stored.train.height !== added.images.height || stored.train.width !== added.images.width) {
    throw new Error(
      `--add: the images of --dataset must be 28x28 as the added ones, got ${sizeOf(stored.train)}; ` +
        'add --preprocess picture',
    );
  }
  const checksum = createHash('sha256').update(`${stored.checksum}\n${added.checksum}\n`).digest('hex');
  return { ...stored, train: concatImages(stored.train, added.images), checksum };
}

/** One split as a model's network gets it. */
export interface OpenedSplit {
  readonly labelled: LabelledImages;
  /** Number of stored test or training images in which preprocessing found no digit; they are not part of `labelled`. */
  readonly numUnread: number;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/** What decides how {@link openSplit} reads a split. */
export interface SplitChoice {
  readonly split: Split;
  /** How IDX images reach the network; by default as in the model's training, if they have the size of its input. */
  readonly preprocess: Preprocessing | undefined;
  /** How the model's training cut its validation split from the training images. */
  readonly cut: Parameters<typeof cutValidation>[1];
}

/**
 * Loads one split for a model. `train` and `validation` are both cut from the stored training images.
 *
 * @throws Error or RangeError naming the folder or file that is wrong, or the size of images that do not fit the model
 */
export async function openSplit(source: string, model: Model, choice: SplitChoice): Promise<OpenedSplit> {
  const [height, width] = model.architecture.inputShape;
  const opened = await readSplit(source, model, choice);
  if (opened.labelled.height !== height || opened.labelled.width !== width) {
    throw new Error(
      `--dataset must hold images of ${height}x${width} for this model, got ${sizeOf(opened.labelled)} in ${source}` +
        (choice.preprocess === 'none' ? '; leave out --preprocess none' : ''),
    );
  }
  return opened;
}

async function readSplit(source: string, model: Model, { split, preprocess: asked, cut }: SplitChoice) {
  const { classNames, preprocessing } = model.metadata;
  const cutFrom = (images: LabelledImages) => (split === 'test' ? images : cutValidation(images, cut)[split]);
  if (await isPictureFolder(source)) {
    const { train, test } = await readPictureFolder(source, classNames);
    return { labelled: cutFrom(split === 'test' ? test : train), numUnread: 0, notes: [] };
  }
  const stored = await loadSplit(source, split === 'test' ? 'test' : 'train', { numClasses: classNames.length });
  const [height, width] = model.architecture.inputShape;
  const fits = stored.height === height && stored.width === width;
  const { labelled, numUnread } = await preprocess(stored, asked ?? (fits ? preprocessing : 'picture'));
  const notes = unreadNotes([[split === 'test' ? 'test' : 'training', stored.count, numUnread]]);
  // A run cuts its validation split from the preprocessed images; the same order here gives the same split.
  return { labelled: cutFrom(labelled), numUnread, notes };
}

async function openIdx(source: string, asked: Preprocessing | undefined): Promise<OpenedDataset> {
  const { train, test, checksum } = await loadDataset(source);
  const isNetworkSize = train.height === NETWORK_SIDE && train.width === NETWORK_SIDE;
  const preprocessing = asked ?? (isNetworkSize ? 'none' : 'picture');
  const prepared = { train: await preprocess(train, preprocessing), test: await preprocess(test, preprocessing) };
  return {
    train: prepared.train.labelled,
    test: prepared.test.labelled,
    classNames: Array.from({ length: train.numClasses }, (_, label) => String(label)),
    preprocessing,
    checksum,
    notes: unreadNotes([
      ['training', train.count, prepared.train.numUnread],
      ['test', test.count, prepared.test.numUnread],
    ]),
  };
}

async function openPictures(source: string, asked: Preprocessing | undefined): Promise<OpenedDataset> {
  if (asked === 'none') {
    throw new Error(`--preprocess must be picture for a folder of pictures, got none with ${source}`);
  }
  return { ...(await readPictureFolder(source)), preprocessing: 'picture', notes: [] };
}

/** A folder with subfolders and none of the IDX files. */
async function isPictureFolder(source: string): Promise<boolean> {
  if (source === 'mnist' || !existsSync(source)) return false;
  const idxFiles = Object.values(SPLIT_FILES).flatMap(({ images, labels }) => [images, labels]);
  if (idxFiles.some((name) => existsSync(join(source, name)) || existsSync(join(source, `${name}.gz`)))) return false;
  return hasSubfolders(source).catch(() => false);
}

/** @returns 28x28 images with `picture`, the same object with `none` */
async function preprocess(labelled: LabelledImages, preprocessing: Preprocessing): Promise<PreparedImages> {
  return preprocessing === 'none' ? { labelled, numUnread: 0 } : prepareStoredImages(labelled);
}

/** @returns one line that names the splits with unread images; none if there are no such images */
function unreadNotes(splits: readonly (readonly [split: string, count: number, numUnread: number])[]): string[] {
  const named = splits
    .filter(([, , numUnread]) => numUnread > 0)
    .map(([split, count, numUnread]) => `${numUnread} of ${count} ${split} images`);
  return named.length === 0 ? [] : [`No digit was found in ${named.join(' and ')}; they are left out.`];
}

function sizeOf({ height, width }: LabelledImages): string {
  return `${height}x${width}`;
}
