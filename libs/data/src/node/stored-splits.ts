import { stratifiedSplit } from '../dataset/labelled-images.ts';
import type { StoredDataset, StoredFiles, StoredPixels, StoredSplit } from './stored-dataset.ts';

/** MNIST's own share: 10,000 of 70,000. */
const TEST_SHARE = 1 / 7;
/** Seed of the test split of data sets without one. It is the same in every run and does not depend on the run's seed. */
const TEST_SEED = 0;

/**
 * Puts one in seven images of each class of the training split aside for the test split, always the same ones. A data set that has a
 * test split, or no training split, is returned as it is.
 *
 * @throws RangeError if there is a single image
 */
export function withTestSplit(dataset: StoredDataset): StoredDataset {
  const { train, test } = dataset.splits;
  if (train === undefined || test !== undefined) return dataset;
  const testSize = Math.max(1, Math.floor(train.labels.length * TEST_SHARE));
  const indices = stratifiedSplit(train.labels, dataset.classNames.length, testSize, TEST_SEED);
  const splits = {
    ...dataset.splits,
    train: selectStored(train, indices.train),
    test: selectStored(train, indices.validation),
  };
  return { ...dataset, splits };
}

/** Puts all splits of a data set together, in the order train, validation, test. */
export function allStored(dataset: StoredDataset): readonly StoredSplit[] {
  const { train, validation, test } = dataset.splits;
  return [train, validation, test].filter((split) => split !== undefined);
}

/**
 * Returns some of the images of a split.
 *
 * @param indices each in [0, number of images)
 */
export function selectStored({ images, labels, names }: StoredSplit, indices: Uint32Array): StoredSplit {
  return {
    images: images.form === 'pixels' ? selectPixels(images, indices) : selectFiles(images, indices),
    labels: Uint8Array.from(indices, (index) => labels[index]),
    names: Array.from(indices, (index) => names[index]),
  };
}

function selectPixels(images: StoredPixels, indices: Uint32Array): StoredPixels {
  const size = images.height * images.width * images.channels;
  const pixels = new Uint8Array(indices.length * size);
  indices.forEach((index, i) => {
    pixels.set(images.pixels.subarray(index * size, (index + 1) * size), i * size);
  });
  return { ...images, pixels, count: indices.length };
}

function selectFiles(files: StoredFiles, indices: Uint32Array): StoredFiles {
  return { form: 'files', count: indices.length, read: (index) => files.read(indices[index]) };
}
