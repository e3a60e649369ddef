import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeIdx } from '../dataset/idx.ts';
import { datasetChecksum, loadDataset, loadSplit } from './dataset.ts';

const TRAIN_IMAGES = 'train-images-idx3-ubyte';
const TRAIN_LABELS = 'train-labels-idx1-ubyte';
const TEST_IMAGES = 't10k-images-idx3-ubyte';
const TEST_LABELS = 't10k-labels-idx1-ubyte';

let folder: string;

function path(name: string): string {
  return join(folder, name);
}

function images(count: number, height = 2, width = height): Uint8Array {
  const values = Uint8Array.from({ length: count * height * width }, (_, i) => i);
  return encodeIdx({ type: 'uint8', shape: [count, height, width], values });
}

function labels(...values: number[]): Uint8Array {
  return encodeIdx({ type: 'uint8', shape: [values.length], values: Uint8Array.from(values) });
}

/** Three training and two test images of 2 x 2 in three classes. */
const SOUND_FILES: Readonly<Record<string, Uint8Array>> = {
  [TRAIN_IMAGES]: images(3),
  [TRAIN_LABELS]: labels(0, 2, 1),
  [TEST_IMAGES]: images(2),
  [TEST_LABELS]: labels(1, 0),
};

function write(files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path(name), bytes);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'digits-dataset-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('loadDataset', () => {
  it('loads the embedded MNIST', async () => {
    const { train, test, checksum } = await loadDataset('mnist');

    expect(train).toMatchObject({ count: 60000, height: 28, width: 28, channels: 1, numClasses: 10 });
    expect(test).toMatchObject({ count: 10000, height: 28, width: 28, channels: 1, numClasses: 10 });
    expect(train.images).toHaveLength(60000 * 784);
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    // cat train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte | sha256sum
    expect(checksum).toBe('b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a');
  });

  it('loads a folder of plain files', async () => {
    write(SOUND_FILES);

    const { train, test } = await loadDataset(folder);

    expect(train).toEqual({
      images: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
      labels: Uint8Array.of(0, 2, 1),
      count: 3,
      height: 2,
      width: 2,
      channels: 1,
      numClasses: 3,
    });
    expect(test).toMatchObject({ count: 2, numClasses: 3 });
  });

  it('loads compressed files, and prefers plain ones', async () => {
    write(SOUND_FILES);
    const plain = await loadDataset(folder);
    for (const [name, bytes] of Object.entries(SOUND_FILES)) {
      rmSync(path(name));
      writeFileSync(path(`${name}.gz`), gzipSync(bytes));
    }
    expect(await loadDataset(folder)).toEqual(plain);

    writeFileSync(path(TEST_LABELS), labels(2, 2));
    expect([...(await loadDataset(folder)).test.labels]).toEqual([2, 2]);
  });

  it('takes 256 classes and images of any square size', async () => {
    write({ ...SOUND_FILES, [TRAIN_IMAGES]: images(3, 33), [TRAIN_LABELS]: labels(0, 255, 1) });
    write({ [TEST_IMAGES]: images(2, 33) });

    expect((await loadDataset(folder)).test).toMatchObject({ height: 33, width: 33, numClasses: 256 });
  });

  it('takes the number of classes that the caller knows', async () => {
    write(SOUND_FILES);

    const { train, test } = await loadDataset(folder, { numClasses: 7 });

    expect([train.numClasses, test.numClasses]).toEqual([7, 7]);
    await expect(loadDataset(folder, { numClasses: 2 })).rejects.toThrow(
      new RangeError(`loadDataset: ${folder} must hold labels in [0, 2), got 2 of ${TRAIN_IMAGES}:1`),
    );
    await expect(loadDataset(folder, { numClasses: 257 })).rejects.toThrow(
      new RangeError('loadDataset: numClasses must be an integer in [1, 256], got 257'),
    );
  });

  it('lists all forms where the path is of none', async () => {
    await expect(loadDataset(path('nowhere'))).rejects.toThrow(
      `openStoredDataset: the data set must be 'mnist', a file or a folder, got '${path('nowhere')}', which does not exist`,
    );
    write({ [TRAIN_IMAGES]: images(1) });
    await expect(loadDataset(path(TRAIN_IMAGES))).rejects.toThrow(
      /^openStoredDataset: the data set must be 'mnist' or one of: .*IDX files.*; a folder with a subfolder.*; got the file '.*train-images-idx3-ubyte'$/,
    );
  });

  it('names the files that a folder lacks', async () => {
    write({ [TRAIN_IMAGES]: images(3), [TEST_LABELS]: labels(1) });

    await expect(loadDataset(folder)).rejects.toThrow(
      new Error(
        `openStoredDataset: ${folder} must hold ${TRAIN_IMAGES}, ${TRAIN_LABELS}, ${TEST_IMAGES}, ${TEST_LABELS}, ` +
          `each plain or .gz, got a folder without ${TRAIN_LABELS}, ${TEST_IMAGES}`,
      ),
    );
  });

  it('refuses a folder in the place of a file', async () => {
    write(SOUND_FILES);
    rmSync(path(TEST_IMAGES));
    mkdirSync(path(TEST_IMAGES));

    await expect(loadDataset(folder)).rejects.toThrow(
      `openStoredDataset: ${path(TEST_IMAGES)} must be a readable file, got EISDIR: illegal operation on a directory, read`,
    );
  });

  it('refuses a file beyond 1 GiB without reading it', async () => {
    write(SOUND_FILES);
    truncateSync(path(TEST_IMAGES), 2 ** 30 + 1);

    await expect(loadDataset(folder)).rejects.toThrow(
      new RangeError(`openStoredDataset: ${path(TEST_IMAGES)} must be at most 1073741824 bytes, got 1073741825`),
    );
  });

  it.each<[string, string, Uint8Array, (file: string) => string]>([
    [
      'labels given as images',
      TRAIN_IMAGES,
      labels(1, 2, 3),
      (file) => `parseIdx: ${file}: magic must be 0x00000803, got 0x00000801; is this a label file?`,
    ],
    [
      'images given as labels',
      TEST_LABELS,
      images(2),
      (file) => `parseIdx: ${file}: magic must be 0x00000801, got 0x00000803; is this an image file?`,
    ],
    [
      'compressed data under a plain name',
      TRAIN_IMAGES,
      new Uint8Array(gzipSync(images(3))),
      (file) => `parseIdx: ${file}: magic must be 0x00000803, got 0x1f8b0800; is this a gzip file?`,
    ],
    [
      'a truncated file',
      TRAIN_IMAGES,
      images(3).subarray(0, 20),
      (file) =>
        `parseIdx: ${file}: length must be 28 bytes (16 bytes of header and 3 x 2 x 2 uint8), got 20; the file is truncated`,
    ],
    [
      'an oversized file',
      TEST_LABELS,
      Uint8Array.of(...labels(1, 2), 0),
      (file) =>
        `parseIdx: ${file}: length must be 10 bytes (8 bytes of header and 2 uint8), got 11; the file is too long`,
    ],
    [
      'an empty file',
      TEST_LABELS,
      new Uint8Array(),
      (file) => `parseIdx: ${file}: file must have at least the 4 bytes of a magic number, got 0`,
    ],
    ['no images', TRAIN_IMAGES, images(0), (file) => `openStoredDataset: ${file} must hold at least 1 image, got 0`],
    [
      'images that are not square',
      TRAIN_IMAGES,
      images(3, 2, 4),
      () => `loadDataset: ${folder} must hold square images, got 2 x 4`,
    ],
    [
      'images without pixels',
      TRAIN_IMAGES,
      images(3, 0),
      (file) => `openStoredDataset: ${file} must hold images with pixels, got 0 x 0`,
    ],
    [
      'test images of another size',
      TEST_IMAGES,
      images(2, 5),
      () => `loadDataset: ${folder} must hold test images of 2 x 2 as the training images, got 5 x 5`,
    ],
    [
      'counts that differ',
      TRAIN_LABELS,
      labels(0, 1),
      (file) => `openStoredDataset: ${file} must hold 3 labels, one for each image of ${path(TRAIN_IMAGES)}, got 2`,
    ],
    [
      'test labels outside the classes of the training labels',
      TEST_LABELS,
      labels(1, 3),
      (file) => `openStoredDataset: ${file} must hold labels in [0, 3), got 3 at 1`,
    ],
  ])('refuses %s', async (_, name, bytes, message) => {
    write({ ...SOUND_FILES, [name]: bytes });

    await expect(loadDataset(folder)).rejects.toThrow(new RangeError(message(path(name))));
  });

  it('refuses damaged and truncated gzip data', async () => {
    write(SOUND_FILES);
    rmSync(path(TRAIN_IMAGES));
    const file = path(`${TRAIN_IMAGES}.gz`);
    const whole = gzipSync(SOUND_FILES[TRAIN_IMAGES]);
    const rule = `openStoredDataset: ${file} must be whole gzip data of at most 1073741824 bytes, got damaged data`;

    writeFileSync(file, whole.subarray(0, 15));
    await expect(loadDataset(folder)).rejects.toThrow(`${rule} (unexpected end of file); fetch it again`);

    whole[whole.length - 8] ^= 1;
    writeFileSync(file, whole);
    await expect(loadDataset(folder)).rejects.toThrow(`${rule} (incorrect data check); fetch it again`);

    writeFileSync(file, SOUND_FILES[TRAIN_IMAGES]);
    await expect(loadDataset(folder)).rejects.toThrow(`${rule} (incorrect header check); fetch it again`);
  });
});

describe('loadSplit', () => {
  it('needs only the files of its split', async () => {
    write({ [TEST_IMAGES]: images(2), [TEST_LABELS]: labels(1, 0) });

    expect(await loadSplit(folder, 'test', { numClasses: 3 })).toMatchObject({ count: 2, numClasses: 3 });
    await expect(loadSplit(folder, 'train')).rejects.toThrow(
      new Error(`loadSplit: ${folder} must hold a training split, got none`),
    );
  });

  it('loads what loadDataset loads', async () => {
    write(SOUND_FILES);
    const { train, test } = await loadDataset(folder);

    expect(await loadSplit(folder, 'train')).toEqual(train);
    expect(await loadSplit(folder, 'test', { numClasses: 3 })).toEqual(test);
  });

  it('knows the classes of MNIST', async () => {
    expect(await loadSplit('mnist', 'test')).toMatchObject({ count: 10000, numClasses: 10 });
  });

  it('counts the classes by the labels when it knows nothing else', async () => {
    write({ [TEST_IMAGES]: images(2), [TEST_LABELS]: labels(1, 0) });

    expect((await loadSplit(folder, 'test')).numClasses).toBe(2);
  });

  it('refuses labels outside the classes of the model', async () => {
    write({ [TEST_IMAGES]: images(2), [TEST_LABELS]: labels(1, 10) });

    await expect(loadSplit(folder, 'test', { numClasses: 10 })).rejects.toThrow(
      new RangeError(`loadSplit: ${folder} must hold labels in [0, 10), got 10 of ${TEST_IMAGES}:1`),
    );
  });
});

describe('datasetChecksum', () => {
  it('is the SHA-256 of the four decompressed files one after the other', async () => {
    write(SOUND_FILES);
    const hash = createHash('sha256');
    for (const name of [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS]) hash.update(SOUND_FILES[name]);
    const expected = hash.digest('hex');

    expect(await datasetChecksum(folder)).toBe(expected);
    expect((await loadDataset(folder)).checksum).toBe(expected);

    rmSync(path(TEST_IMAGES));
    writeFileSync(path(`${TEST_IMAGES}.gz`), gzipSync(SOUND_FILES[TEST_IMAGES]));
    expect(await datasetChecksum(folder)).toBe(expected);
  });
});
