import type { LabelledImages } from '@digits/data';
import {
  allStored,
  MNIST,
  openStoredDataset,
  type StoredDataset,
  type StoredSplit,
  withTestSplit,
} from '@digits/data/node';
import { cutValidation, type Model } from '@digits/model';
import { concatImages } from '@digits/synthesis';
import { checkData, type DataProblem, type NamedImages } from './check-data.ts';
import { cached, fingerprintOf } from './dataset-cache.ts';
import { type Preprocessing, type PreparationOptions, prepareSplits, type RejectedImage } from './prepare-images.ts';

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** Side of the networks of the presets, and of the images that `resize` makes for a training. */
const NETWORK_SIDE = 28;

/** Is told that so many more files of all are read, for the checksum (`files`) or for their images (`pictures`). */
export type DatasetProgress = (count: number, total: number, things: 'files' | 'pictures') => void;

/** How a data set is read. */
export interface ReadingChoice {
  /** Overrides how images reach the network. */
  readonly preprocess?: Preprocessing | undefined;
  /** Leaves out picture files that cannot be decoded, instead of failing. */
  readonly skipBroken?: boolean | undefined;
  /** A folder that keeps what was read. */
  readonly cache?: string | undefined;
  readonly onRead?: DatasetProgress | undefined;
}

/** What a run reads: a labelled set, and what is added to it. */
export interface DatasetChoice extends ReadingChoice {
  /** `mnist`, a file or a folder. */
  readonly source: string;
  /** A labelled set whose images are all added to the training images. */
  readonly add?: string | undefined;
}

/** A labelled set as the network gets it. */
export interface OpenedDataset {
  /** All training images; the validation split is still to be cut off if the set has none. */
  readonly train: LabelledImages;
  /** Stored validation split, or null. */
  readonly validation: LabelledImages | null;
  readonly test: LabelledImages;
  /** Names of the stored training images, followed by those of the added images. */
  readonly trainNames: readonly string[];
  /** Names of the stored validation images; empty if there are none. */
  readonly validationNames: readonly string[];
  /** Name of each test image: its path within the data set, or its file and row. */
  readonly testNames: readonly string[];
  readonly classNames: readonly string[];
  readonly preprocessing: Preprocessing;
  /** SHA-256 over everything that was read of the data set, rejected images included. */
  readonly checksum: string;
  /** SHA-256 over everything that was read of what is added; null if nothing is. */
  readonly addedChecksum: string | null;
  /** Images that are left out. */
  readonly rejected: readonly RejectedImage[];
  /** What the data check found. */
  readonly problems: readonly DataProblem[];
  /** What the user should know, one line each; the problems too. */
  readonly notes: readonly string[];
}

/**
 * Loads a labelled set for a training, preprocesses it and checks it.
 *
 * @throws Error or RangeError naming the folder or file that is wrong
 */
export async function openDataset(choice: DatasetChoice): Promise<OpenedDataset> {
  const { source, add, preprocess, skipBroken = false, cache } = choice;
  if (cache === undefined) return readDataset(choice);
  const prints = [source, ...(add === undefined ? [] : [add])].map(fingerprintOf);
  return cached(cache, { training: prints, preprocess, skipBroken }, () => readDataset(choice));
}

async function readDataset(choice: DatasetChoice): Promise<OpenedDataset> {
  const { source, add } = choice;
  const stored = await openStored(source, choice);
  const { classNames } = stored;
  if (classNames.length < 2)
    throw new Error(`--dataset must hold 2 classes at least, got ${classNames.length} in ${source}`);
  const { train, validation, test } = withTestSplit(stored).splits;
  if (train === undefined || test === undefined) {
    throw new Error(`--dataset must hold training images, got none in ${source}; evaluate reads a test split alone`);
  }
  const preprocessing = choice.preprocess ?? (isOfSize(allStored(stored), NETWORK_SIDE) ? 'none' : 'resize');
  const options = { ...preparationOf(choice), preprocessing, side: NETWORK_SIDE, classNames };
  const given = [train, test, ...(validation === undefined ? [] : [validation])];
  const { splits, rejected } = await prepareSplits(given, { ...options, option: '--dataset' });
  const [namedTrain, namedTest, namedValidation = null] = splits;
  for (const { images } of splits) requireSameSize('--dataset', images, namedTrain.images);
  const side = namedTrain.images.height;
  const added = add === undefined ? null : await readAdded(add, choice, { ...options, side });
  if (added !== null) requireSameSize('--add', added.named.images, namedTrain.images);

  const allRejected = [...rejected, ...(added?.rejected ?? [])];
  const checked = {
    classNames,
    train: namedTrain,
    validation: namedValidation,
    test: namedTest,
    added: added?.named ?? null,
  };
  // The embedded data set is known.
  const problems = source === MNIST && added === null ? [] : checkData(checked);
  return {
    train: added === null ? namedTrain.images : concatImages(namedTrain.images, added.named.images),
    validation: namedValidation?.images ?? null,
    test: namedTest.images,
    trainNames: [...namedTrain.names, ...(added?.named.names ?? [])],
    validationNames: namedValidation?.names ?? [],
    testNames: namedTest.names,
    problems,
    classNames,
    preprocessing,
    checksum: stored.checksum,
    addedChecksum: added?.checksum ?? null,
    rejected: allRejected,
    notes: [
      ...stored.notes,
      ...(stored.splits.test === undefined ? [NO_TEST_SPLIT] : []),
      ...(added?.notes ?? []),
      ...noteRejected(allRejected),
      ...problems.map(({ message }) => `Data check: ${message}.`),
    ],
  };
}

const NO_TEST_SPLIT =
  'The data set has no test split: one in seven images of each class is put aside for it, always the same ones.';

/**
 * Reads the images of `--add`, those of all splits. They are prepared as those of the data set are. If these are taken as they are, others
 * than images of their size are prepared as `predict` will do with pictures for this model.
 *
 * @param side of the images of the data set
 */
async function readAdded(add: string, choice: ReadingChoice, { side, ...options }: Omit<PreparationOptions, 'option'>) {
  const stored = await openStored(add, choice).catch((cause: unknown) => {
    throw new Error(`--add must be a labelled set with the classes of the data set, got ${add}`, { cause });
  });
  const { checksum, notes, splits } = withClasses(stored, options.classNames, `--add: ${add}`);
  const given = allStored({ ...stored, splits });
  const isReady = options.preprocessing !== 'none' || isOfSize(given, side);
  const preprocessing = isReady ? options.preprocessing : side === NETWORK_SIDE ? 'picture' : 'resize';
  const prepared = await prepareSplits(given, { ...options, preprocessing, side, option: '--add' });
  return { named: joinNamed(prepared.splits), rejected: prepared.rejected, checksum, notes };
}

/** One split, or all of them, as a model's network gets it. */
export interface OpenedSplit {
  readonly split: Split | 'all';
  readonly labelled: LabelledImages;
  /** Name of each image: its path within the data set, or its file and row. */
  readonly names: readonly string[];
  /** Stored images that are left out; of `train` and `validation`, those of all training images. */
  readonly rejected: readonly RejectedImage[];
  /** SHA-256 over the whole data set. */
  readonly checksum: string;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/** What decides how {@link openSplit} reads a split. */
export interface SplitChoice extends ReadingChoice {
  /**
   * By default `test` if the data set has a test split or is the one that the model was trained on, otherwise `all`. By default, images
   * reach the network as in the model's training.
   */
  readonly split?: Split | 'all' | undefined;
  /** How the model's training cut its validation split from the training images; needed for data sets without one. */
  readonly cut: Parameters<typeof cutValidation>[1] | null;
}

/**
 * Loads one split for a model. `train` and `validation` are both cut from the stored training images, unless the set has a validation
 * split.
 *
 * @throws Error or RangeError naming the folder or file that is wrong, or the size of images that do not fit the model
 */
export async function openSplit(source: string, model: Model, choice: SplitChoice): Promise<OpenedSplit> {
  const { preprocess, skipBroken = false, cache, split, cut } = choice;
  if (cache === undefined) return readSplit(source, model, choice);
  const { classNames, preprocessing, dataset } = model.metadata;
  const facts = { classNames, preprocessing, dataset, inputShape: model.architecture.inputShape };
  const key = { split: fingerprintOf(source), preprocess, skipBroken, asked: split, cut, facts };
  return cached(cache, key, () => readSplit(source, model, choice));
}

async function readSplit(source: string, model: Model, choice: SplitChoice): Promise<OpenedSplit> {
  const { classNames, dataset } = model.metadata;
  const whole = await openStored(source, choice);
  // The images put aside for the test split depend on the stored labels.
  const [stored, cutStored] = [whole, withTestSplit(whole)].map((set) =>
    withClasses(set, classNames, `--dataset: ${source}`),
  );
  const isOwn = dataset !== null && (dataset.sha256 === stored.checksum || dataset.name === source);
  const split = choice.split ?? (stored.splits.test !== undefined || isOwn ? 'test' : 'all');
  const storedSplit = split === 'all' ? null : storedSplitOf(cutStored, split);
  if (storedSplit === undefined) {
    throw new Error(`--dataset must hold a ${split} split, got ${source} without one; read another with --split`);
  }
  const given = storedSplit === null ? allStored(stored) : [storedSplit];
  const [side] = model.architecture.inputShape;
  const preprocessing = choice.preprocess ?? preprocessingFor(model, given, stored.checksum);
  const options = { ...preparationOf(choice), preprocessing, side, classNames, option: '--dataset' as const };
  const { splits, rejected } = await prepareSplits(given, options);
  const read = joinNamed(splits);
  requireInputSize(read.images, model, source, choice.preprocess);
  const cutsOff = (split === 'train' || split === 'validation') && stored.splits.validation === undefined;
  const named = cutsOff ? cutNamed(read, choice.cut, split) : read;
  return {
    split,
    labelled: named.images,
    names: named.names,
    rejected,
    checksum: stored.checksum,
    notes: [...stored.notes, ...noteRejected(rejected)],
  };
}

/** The stored split that one is, or is cut from. */
function storedSplitOf({ splits }: StoredDataset, split: Split): StoredSplit | undefined {
  return split === 'validation' ? (splits.validation ?? splits.train) : splits[split];
}

/**
 * Returns how images reach a model: as in its training if they can go that way.
 *
 * @param checksum of their data set; null if it is none that a model was trained on
 */
export function preprocessingFor(
  { architecture, metadata }: Model,
  splits: readonly StoredSplit[],
  checksum: string | null,
): Preprocessing {
  const { preprocessing, dataset } = metadata;
  const isOwn = dataset !== null && dataset.sha256 === checksum;
  const fits = isOwn || isOfSize(splits, architecture.inputShape[0]);
  return fits || preprocessing === 'resize' ? preprocessing : 'picture';
}

function cutNamed(read: NamedImages, cut: SplitChoice['cut'], split: 'train' | 'validation'): NamedImages {
  if (cut === null) {
    throw new Error(
      `evaluate: --split ${split} must be read with a model that knows its seed and validation size, got one without`,
    );
  }
  const { images, names } = read;
  // A run cuts its validation split from the preprocessed images; the same order here gives the same split.
  const { indices, ...splits } = cutValidation(images, cut);
  return { images: splits[split], names: Array.from(indices[split], (index) => names[index]) };
}

async function openStored(source: string, { onRead }: ReadingChoice): Promise<StoredDataset> {
  return openStoredDataset(source, (count, total) => onRead?.(count, total, 'files'));
}

function preparationOf({ skipBroken = false, onRead }: ReadingChoice) {
  return { skipBroken, onRead: (count: number, total: number) => onRead?.(count, total, 'pictures') };
}

/** Whether images are stored as pixels of a size. */
function isOfSize(splits: readonly StoredSplit[], side: number): boolean {
  return splits.every(({ images }) => images.form === 'pixels' && images.height === side && images.width === side);
}

/**
 * Gives the labels of a set in the classes of a model or another set: by their names or, if the set only numbers its classes, by their
 * numbers.
 *
 * @throws Error naming the class that is not among them
 */
function withClasses(stored: StoredDataset, classNames: readonly string[], where: string): StoredDataset {
  const unknown = stored.classNames.find((name) => !classNames.includes(name));
  if (unknown !== undefined) {
    const isNumbered = stored.classNames.every((name, label) => name === String(label));
    if (isNumbered && stored.classNames.length <= classNames.length) return { ...stored, classNames };
    const known = classNames.length > 12 ? `${classNames.slice(0, 12).join(', ')}, ...` : classNames.join(', ');
    throw new Error(`${where} must hold the classes ${known} alone, got ${unknown}`);
  }
  const labelOf = stored.classNames.map((name) => classNames.indexOf(name));
  const relabel = (split: StoredSplit): StoredSplit => ({
    ...split,
    labels: split.labels.map((label) => labelOf[label]),
  });
  const splits = Object.fromEntries(Object.entries(stored.splits).map(([name, split]) => [name, relabel(split)]));
  return { ...stored, splits, classNames };
}

function joinNamed(splits: readonly NamedImages[]): NamedImages {
  return splits.reduce((all, { images, names }) => ({
    images: concatImages(all.images, images),
    names: [...all.names, ...names],
  }));
}

function requireSameSize(option: string, images: LabelledImages, reference: LabelledImages): void {
  if (sizeOf(images) === sizeOf(reference)) return;
  throw new Error(
    `${option} must hold images of ${sizeOf(reference)} as the training images, got ${sizeOf(images)}; add --preprocess resize`,
  );
}

function requireInputSize(
  images: LabelledImages,
  model: Model,
  source: string,
  asked: Preprocessing | undefined,
): void {
  const [height, width, channels] = model.architecture.inputShape;
  const expected = sizeOf({ height, width, channels });
  if (sizeOf(images) === expected) return;
  throw new Error(
    `--dataset must hold images of ${expected} for this model, got ${sizeOf(images)} in ${source}` +
      (asked === 'none' ? '; leave out --preprocess none' : ''),
  );
}

function sizeOf({ height, width, channels }: Pick<LabelledImages, 'height' | 'width' | 'channels'>): string {
  return channels === 1 ? `${height}x${width}` : `${height}x${width}x${channels}`;
}

const MAX_NAMED = 3;

/** @returns one line with the number of images left out; empty if there are none */
function noteRejected(rejected: readonly RejectedImage[]): string[] {
  if (rejected.length === 0) return [];
  const named = rejected.slice(0, MAX_NAMED).map(({ name, reason }) => `${name}: ${reason}`);
  const rest = rejected.length > MAX_NAMED ? '; ...' : '';
  return [`${rejected.length} images are left out (${named.join('; ')}${rest}).`];
}
