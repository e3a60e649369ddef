import { type LabelledImages, normaliseImages } from '@digits/data';
import { type PixelTable, readImageTable, type StoredSplit } from '@digits/data/node';
import { createClassifier, type Engine, type Model } from '@digits/model';
import { stringify } from 'csv-stringify/sync';
import { rename, rm, writeFile } from 'node:fs/promises';
import { preprocessingFor } from '../dataset/open-dataset.ts';
import { prepareSplits } from '../dataset/prepare-images.ts';

/** What was written. */
interface Submission {
  readonly numImages: number;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

/**
 * Classifies each image of a table of pixels and writes its class, as Kaggle's competitions ask for it: `ImageId,Label`, counted from 1,
 * or the table's own column of numbers (`id`). Every image gets its most probable class, whether or not the model would reject it.
 *
 * @param tablePath a `.csv` file, plain, `.gz` or `.zip`; labels are not needed
 * @param csvPath is replaced only when everything is predicted
 * @throws Error or RangeError naming the file that is wrong, or the size of images that the model does not take
 */
export async function writeSubmission(
  tablePath: string,
  csvPath: string,
  model: Model,
  engine: Engine,
): Promise<Submission> {
  const table = await readImageTable(tablePath);
  const { images, numEmpty } = await prepareTable(tablePath, table, model);
  const labels = await classify(images, model, engine);
  const { name, values } = table.ids ?? { name: 'ImageId', values: labels.map((_, i) => String(i + 1)) };
  // Competitions whose tables have a column `id` ask for `label`, the others for `Label`.
  const header = [name, name === name.toLowerCase() ? 'label' : 'Label'];
  await writeWhole(csvPath, stringify([header, ...values.map((id, i) => [id, labels[i]])]));
  const empty =
    numEmpty === 0 ? [] : [`${numEmpty} images hold nothing; their labels are what the model says of black.`];
  return { numImages: labels.length, notes: [...table.notes, ...empty] };
}

/** Prepares the images as `evaluate` does; those that hold nothing are black. */
async function prepareTable(
  path: string,
  { images, names }: PixelTable,
  model: Model,
): Promise<{ images: LabelledImages; numEmpty: number }> {
  const split: StoredSplit = { images, names, labels: new Uint8Array(names.length) };
  const { architecture, metadata } = model;
  const [height, width, channels] = architecture.inputShape;
  const { splits, rejected } = await prepareSplits([split], {
    preprocessing: preprocessingFor(model, [split], null),
    side: height,
    classNames: metadata.classNames,
    skipBroken: false,
    option: '--dataset',
  });
  const [{ images: prepared, names: kept }] = splits;
  if (prepared.height !== height || prepared.width !== width || prepared.channels !== channels) {
    throw new Error(
      `predict: ${path} must hold images of ${height}x${width}x${channels} for this model, ` +
        `got ${prepared.height}x${prepared.width}x${prepared.channels}`,
    );
  }
  if (rejected.length === 0) return { images: prepared, numEmpty: 0 };
  const size = height * width * channels;
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const all = new Uint8Array(names.length * size);
  kept.forEach((name, i) => {
    all.set(prepared.images.subarray(i * size, (i + 1) * size), (indexOf.get(name) ?? 0) * size);
  });
  return { images: { ...prepared, images: all, count: names.length }, numEmpty: rejected.length };
}

/** Number of images that are in float32 at a time. */
const BATCH_SIZE = 1024;

/** Returns the name of the most probable class of each image. */
async function classify(
  { images, count, height, width, channels }: LabelledImages,
  model: Model,
  engine: Engine,
): Promise<string[]> {
  const { classNames } = model.metadata;
  const classifier = await createClassifier(model, engine);
  try {
    const size = height * width * channels;
    const labels: string[] = [];
    for (let start = 0; start < count; start += BATCH_SIZE) {
      const batch = images.subarray(start * size, Math.min(start + BATCH_SIZE, count) * size);
      const probabilities = await classifier.probabilities(normaliseImages(batch));
      for (let at = 0; at < probabilities.length; at += classNames.length) {
        const row = probabilities.subarray(at, at + classNames.length);
        labels.push(classNames[row.indexOf(Math.max(...row))]);
      }
    }
    return labels;
  } finally {
    await classifier.dispose();
  }
}

/** Writes a file beside and renames it, so that it is never half-written. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new Error(`predict: --csv must be a file that can be written, got ${path}`, { cause });
  }
}
