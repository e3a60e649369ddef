import { join } from 'node:path';
import sharp from 'sharp';
import { openStoredDataset } from '../open-stored-dataset.ts';
import type { StoredDataset, StoredSplit } from '../stored-dataset.ts';

/** The classes of the fixtures by name. */
const CLASSES = ['circle', 'square', 'tick'];
const SIDE = 6;

/** Returns the pixels of image `i` of the fixtures by the formula of `make_fixtures.py`. */
function fixtureImage(i: number): number[] {
  const pixels: number[] = [];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) pixels.push((31 * i + 17 * y * x + 13 * y + 5 * x) % 256);
  }
  return pixels;
}

/** Images that fit the formula, labels i mod 3. */
const TRAIN = Array.from({ length: 9 }, (_, i) => i);
const TEST = [9, 10, 11, 12];

/** What a path of the fixtures must open as. */
interface ExpectedSet {
  readonly path: string;
  readonly form: string;
  readonly classNames: readonly string[];
  /** Name of the first training image. */
  readonly firstName: string;
  /** Only if the set has no test split. */
  readonly trainOnly?: boolean;
  readonly notes?: readonly string[];
}

const NUMBERS = ['0', '1', '2'];
const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const SCALED = (name: string) => `${name}: pixels from 0 to 1 were multiplied by 255.`;

/** Sets of pixels; which tool wrote each is in `make_fixtures.py`. */
const PIXEL_SETS: readonly ExpectedSet[] = [
  {
    path: 'csv-kaggle',
    form: 'CSV',
    classNames: NUMBERS,
    firstName: 'train.csv:2',
    trainOnly: true,
    notes: ['test.csv has no labels and is left out; predict --csv FILE --kaggle predicts them.'],
  },
  { path: 'csv-kaggle/train.csv', form: 'CSV', classNames: NUMBERS, firstName: 'train.csv:2', trainOnly: true },
  { path: 'csv-plain', form: 'CSV', classNames: NUMBERS, firstName: 'mnist_train.csv:2' },
  { path: 'csv-no-header', form: 'CSV', classNames: NUMBERS, firstName: 'mnist_train.csv:1' },
  { path: 'csv-index', form: 'CSV', classNames: NUMBERS, firstName: 'mnist_train.csv:2' },
  { path: 'csv-semicolons', form: 'CSV', classNames: NUMBERS, firstName: 'mnist_train.csv:2' },
  { path: 'csv-gz', form: 'CSV', classNames: NUMBERS, firstName: 'train.csv:2' },
  { path: 'csv-zip', form: 'CSV', classNames: NUMBERS, firstName: 'train.csv:2' },
  { path: 'csv-sorted', form: 'CSV', classNames: NUMBERS, firstName: 'train.csv:2' },
  { path: 'csv-names', form: 'CSV', classNames: CLASSES, firstName: 'train.csv:2' },
  {
    path: 'csv-fractions',
    form: 'CSV',
    classNames: NUMBERS,
    firstName: 'train.csv:2',
    notes: [SCALED('train.csv'), SCALED('test.csv')],
  },
  {
    path: 'csv-emnist',
    form: 'CSV',
    classNames: LETTERS,
    firstName: 'emnist-letters-train.csv:1',
    notes: ['train', 'test'].map(
      (split) => `emnist-letters-${split}.csv: EMNIST stores its images transposed; they were turned back.`,
    ),
  },
  { path: 'keras.npz', form: 'NPZ', classNames: NUMBERS, firstName: 'x_train[0]' },
  { path: 'compressed.npz', form: 'NPZ', classNames: NUMBERS, firstName: 'x_train[0]' },
  { path: 'fortran.npz', form: 'NPZ', classNames: NUMBERS, firstName: 'x_train[0]' },
  { path: 'big-endian.npz', form: 'NPZ', classNames: NUMBERS, firstName: 'x_train[0]' },
  {
    path: 'floats.npz',
    form: 'NPZ',
    classNames: NUMBERS,
    firstName: 'x_train[0]',
    notes: [SCALED('x_train'), SCALED('x_test')],
  },
  { path: 'floats255.npz', form: 'NPZ', classNames: NUMBERS, firstName: 'x_train[0]' },
  { path: 'medmnist.npz', form: 'NPZ', classNames: NUMBERS, firstName: 'train_images[0]' },
  { path: 'one-hot.npz', form: 'NPZ', classNames: NUMBERS, firstName: 'x_train[0]' },
  { path: 'text-labels.npz', form: 'NPZ', classNames: CLASSES, firstName: 'x_train[0]' },
  { path: 'class-names.npz', form: 'NPZ', classNames: CLASSES, firstName: 'x_train[0]' },
  { path: 'images-labels.npz', form: 'NPZ', classNames: NUMBERS, firstName: 'images[0]', trainOnly: true },
  { path: 'npy', form: 'NPZ', classNames: NUMBERS, firstName: 'x_train[0]' },
  { path: 'npz-kmnist', form: 'NPZ', classNames: NUMBERS, firstName: 'kmnist-train-imgs/arr_0[0]' },
  { path: 'parquet-columns', form: 'Parquet', classNames: NUMBERS, firstName: 'train.parquet:0' },
  { path: 'parquet-lists', form: 'Parquet', classNames: CLASSES, firstName: 'train.parquet:0' },
  { path: 'parquet-nested', form: 'Parquet', classNames: NUMBERS, firstName: 'train.parquet:0' },
  {
    path: 'emnist',
    form: 'EMNIST',
    classNames: LETTERS,
    firstName: 'emnist-letters-train-images-idx3-ubyte:0',
    notes: ['EMNIST stores its images transposed; they were turned back.'],
  },
  {
    path: 'emnist/emnist-letters-test-labels-idx1-ubyte',
    form: 'EMNIST',
    classNames: LETTERS,
    firstName: 'emnist-letters-train-images-idx3-ubyte:0',
    notes: ['EMNIST stores its images transposed; they were turned back.'],
  },
  { path: 'idx.zip', form: 'IDX', classNames: NUMBERS, firstName: 'train-images-idx3-ubyte:0' },
  { path: 'csv.zip', form: 'CSV', classNames: NUMBERS, firstName: 'mnist_train.csv:2' },
  { path: 'npz.tar', form: 'NPZ', classNames: NUMBERS, firstName: 'x_train[0]' },
];

/** Sets of PNG files of the same images. */
const PICTURE_SETS: readonly ExpectedSet[] = [
  { path: 'parquet-shards', form: 'Parquet', classNames: CLASSES, firstName: 'train-00000-of-00002.parquet:0' },
  ...['none', 'gzip', 'zstd', 'brotli', 'lz4'].map((codec) => ({
    path: `${codec}.parquet`,
    form: 'Parquet',
    classNames: CLASSES,
    firstName: `${codec}.parquet:0`,
    trainOnly: true,
  })),
  { path: 'pictures-table', form: 'pictures with a table', classNames: CLASSES, firstName: 'train/0.png' },
  { path: 'pictures-table/labels.csv', form: 'pictures with a table', classNames: CLASSES, firstName: 'train/0.png' },
  { path: 'table.zip', form: 'pictures with a table', classNames: CLASSES, firstName: 'train/0.png' },
];

/**
 * Defines the tests of all fixtures: each opens as the same images with the same labels, to the pixel.
 *
 * @param folder what `make_fixtures.py` wrote, when the tests run
 */
export function itOpensFixtures(folder: () => string): void {
  const open = (path: string): Promise<StoredDataset> => openStoredDataset(join(folder(), path));

  it.each(PIXEL_SETS)('opens $path, exact to the pixel', async ({ path, ...expected }) => {
    const dataset = await open(path);

    expectFacts(dataset, expected);
    for (const [split, indices] of expectedSplits(dataset, expected)) {
      expect(split.images).toMatchObject({
        form: 'pixels',
        count: indices.length,
        height: SIDE,
        width: SIDE,
        channels: 1,
      });
      expect('pixels' in split.images && [...split.images.pixels]).toEqual(indices.flatMap(fixtureImage));
    }
  });

  it.each(PICTURE_SETS)('opens $path, whose pictures are exact to the pixel', async ({ path, ...expected }) => {
    const dataset = await open(path);

    expectFacts(dataset, expected);
    for (const [{ images }, indices] of expectedSplits(dataset, expected)) {
      if (images.form !== 'files') throw new Error(`expected files, got ${images.form}`);
      expect(images.count).toBe(indices.length);
      const decoded: number[][] = [];
      for (let i = 0; i < images.count; i++) decoded.push(await decodePng(await images.read(i)));
      expect(decoded).toEqual(indices.map(fixtureImage));
    }
  });

  it('opens an archive of a folder of pictures', async () => {
    const dataset = await open('pictures.tar.gz');
    const { form, classNames, splits } = dataset;

    expect({ form, classNames }).toEqual({ form: 'pictures', classNames: CLASSES });
    expect(splits.train?.names.slice(0, 4)).toEqual([
      'train/circle/0.png',
      'train/circle/3.png',
      'train/circle/6.png',
      'train/square/1.png',
    ]);
    expect([...(splits.test?.labels ?? [])]).toEqual([0, 0, 1, 2]);
    const { images } = trainOf(dataset);
    expect(images.form === 'files' && (await decodePng(await images.read(3)))).toEqual(fixtureImage(1));
  });

  it('takes three planes of color for channels', async () => {
    const { images } = trainOf(await open('color-planes.npz'));

    expect(images).toMatchObject({ count: 9, height: SIDE, width: SIDE, channels: 3 });
    const pixels = 'pixels' in images ? images.pixels : new Uint8Array();
    // Image 2, row 1, column 4: the planes are the image, its transpose and its negative.
    const at = (2 * 36 + 1 * 6 + 4) * 3;
    expect([...pixels.subarray(at, at + 3)]).toEqual([
      fixtureImage(2)[10],
      fixtureImage(2)[25],
      255 - fixtureImage(2)[10],
    ]);
  });

  it('takes booleans for black and white', async () => {
    const { images } = trainOf(await open('booleans.npz'));

    expect('pixels' in images && [...images.pixels.subarray(0, 36)]).toEqual(
      fixtureImage(0).map((value) => (value > 127 ? 255 : 0)),
    );
  });

  it.each([
    [
      'objects.npz',
      'objects.npz/images must be an array of numbers or of text, got Python objects, which need allow_pickle; ' +
        'save it again with a plain dtype, such as array.astype("uint8")',
    ],
    [
      'complex.npz',
      `complex.npz/images must be an array of numbers or of text, got the dtype '<c8'; ` +
        'save it again with a plain dtype, such as array.astype("uint8")',
    ],
    [
      'normalised.npz',
      'normalised.npz/images[0]: pixel 0 must be a whole number from 0 to 255, or all pixels n / 255, got -0.41935483870967744; ' +
        'save the pixels as whole numbers from 0 to 255',
    ],
  ])('refuses %s', async (path, message) => {
    await expect(open(path)).rejects.toThrow(new RangeError(`openStoredDataset: ${join(folder(), message)}`));
  });
}

function trainOf({ splits }: StoredDataset): StoredSplit {
  if (splits.train === undefined) throw new Error('the training split is missing');
  return splits.train;
}

async function decodePng(bytes: Uint8Array): Promise<number[]> {
  return [...(await sharp(bytes).greyscale().raw().toBuffer())];
}

function expectFacts(dataset: StoredDataset, expected: Omit<ExpectedSet, 'path'>): void {
  expect({
    form: dataset.form,
    classNames: dataset.classNames,
    notes: dataset.notes,
    splits: Object.keys(dataset.splits),
    firstName: dataset.splits.train?.names[0],
  }).toEqual({
    form: expected.form,
    classNames: expected.classNames,
    notes: expected.notes ?? [],
    splits: expected.trainOnly === true ? ['train'] : ['train', 'test'],
    firstName: expected.firstName,
  });
  for (const [split, indices] of expectedSplits(dataset, expected)) {
    expect([...split.labels]).toEqual(indices.map((i) => i % 3));
    expect(split.names).toHaveLength(indices.length);
  }
}

function expectedSplits(
  { splits }: StoredDataset,
  { trainOnly }: Omit<ExpectedSet, 'path'>,
): [StoredSplit, number[]][] {
  const { train, test } = splits;
  if (train === undefined || (test === undefined && trainOnly !== true)) throw new Error('a split is missing');
  return test === undefined
    ? [[train, TRAIN]]
    : [
        [train, TRAIN],
        [test, TEST],
      ];
}
