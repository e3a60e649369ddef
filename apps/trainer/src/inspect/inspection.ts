import type { LabelledImages } from '@digits/data';
import { openStoredDataset } from '@digits/data/node';
import { concatImages } from '@digits/synthesis';
import { type AnyPresetName, trainingConfigFor } from '@digits/model';
import sharp from 'sharp';
import type { ImagePlace } from '../dataset/check-data.ts';
import { type DatasetProgress, openDataset, type OpenedDataset, type ReadingChoice } from '../dataset/open-dataset.ts';
import { createEngine, type EngineChoice } from '../run/engine.ts';
import { crossValidate, type FoldFigures } from '../run/folds.ts';
import { findSuspiciousLabels, type SuspiciousLabel } from './suspicious-labels.ts';

/** What a data set is inspected with. */
export interface InspectionChoice extends ReadingChoice {
  readonly source: string;
  readonly engine: EngineChoice;
  /** How suspicious labels are looked for; null leaves them out. */
  readonly labels: {
    readonly preset: AnyPresetName;
    readonly numFolds: number;
    readonly seed: number;
    readonly epochs: number | undefined;
    readonly onStart: (numEpochs: number) => void;
    readonly onEpoch: () => void;
    readonly onFold: (figures: FoldFigures) => void;
  } | null;
  readonly onRead: DatasetProgress;
}

/** One split of an inspected set. */
export interface InspectedSplit {
  readonly split: ImagePlace['split'];
  readonly images: LabelledImages;
  readonly names: readonly string[];
}

/** What is known of a data set. */
export interface Inspection {
  readonly opened: OpenedDataset;
  /** How the set is stored, such as `IDX` or `pictures`. */
  readonly form: string;
  /** Sizes of the stored images, such as `28x28`, the most frequent first; of picture files, those of a sample. */
  readonly sizes: readonly { readonly size: string; readonly count: number }[];
  /** Number of images that `sizes` counts. */
  readonly numMeasured: number;
  readonly splits: readonly InspectedSplit[];
  /** Answers of the networks that looked for suspicious labels; null if they were not looked for. */
  readonly labels: {
    /** Share of all images that the networks, none trained on the image, answered as labelled. */
    readonly accuracy: number;
    readonly suspicious: readonly (SuspiciousLabel & ImagePlace)[];
  } | null;
}

/**
 * Reads a data set, checks it and looks for suspicious labels with networks that are trained on all folds but one.
 *
 * @throws Error or RangeError naming what is wrong with the data set
 */
export async function inspectDataset(choice: InspectionChoice): Promise<Inspection> {
  const opened = await openDataset(choice);
  const { train, validation, test, trainNames, validationNames, testNames } = opened;
  const splits: InspectedSplit[] = [
    { split: 'training', images: train, names: trainNames },
    ...(validation === null ? [] : [{ split: 'validation' as const, images: validation, names: validationNames }]),
    { split: 'test', images: test, names: testNames },
  ];
  return {
    opened,
    splits,
    ...(await measureStored(choice.source)),
    labels: await inspectLabels(choice, opened, splits),
  };
}

/** Picture files whose size is read. */
const MAX_MEASURED = 500;

async function measureStored(source: string): Promise<Pick<Inspection, 'form' | 'sizes' | 'numMeasured'>> {
  const stored = await openStoredDataset(source);
  const counts = new Map<string, number>();
  const count = (size: string, number: number) => counts.set(size, (counts.get(size) ?? 0) + number);
  for (const { images } of Object.values(stored.splits)) {
    if (images.form === 'pixels') {
      count(`${images.height}x${images.width}${images.channels === 1 ? '' : `x${images.channels}`}`, images.count);
      continue;
    }
    const stride = Math.max(1, Math.ceil(images.count / MAX_MEASURED));
    for (let i = 0; i < images.count; i += stride) {
      const { height, width } = await sharp(await images.read(i)).metadata();
      count(`${height}x${width}`, 1);
    }
  }
  const sizes = Array.from(counts, ([size, number]) => ({ size, count: number })).sort((a, b) => b.count - a.count);
  return { form: stored.form, sizes, numMeasured: sizes.reduce((sum, one) => sum + one.count, 0) };
}

async function inspectLabels(
  { labels: choice, engine }: InspectionChoice,
  { classNames }: OpenedDataset,
  splits: readonly InspectedSplit[],
): Promise<Inspection['labels']> {
  if (choice === null) return null;
  const { preset, numFolds, seed, epochs, onStart, onEpoch, onFold } = choice;
  const set = splits.map(({ images }) => images).reduce(concatImages);
  const settings = { seed, ...(epochs !== undefined && { epochs }) };
  const config = trainingConfigFor({ preset, settings }, set);
  onStart(numFolds * config.epochs);
  const run = { config, classNames, numFolds, engine: await createEngine(engine), onEpoch, onFold };
  const { folds, probabilities } = await crossValidate(set, run);
  const places = splits.flatMap(({ split, names }) => names.map((name, index): ImagePlace => ({ split, index, name })));
  const numRight = folds.reduce((sum, { validation }) => sum + validation.accuracy * validation.count, 0);
  return {
    accuracy: numRight / set.count,
    suspicious: findSuspiciousLabels(set.labels, probabilities, classNames.length).map((suspicion) => ({
      ...suspicion,
      ...places[suspicion.index],
    })),
  };
}
