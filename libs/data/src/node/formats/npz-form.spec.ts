import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStoredDataset } from '../open-stored-dataset.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'digits-npz-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A `.npy` file of version 1 by NumPy's description of the format. */
function npy(descr: string, shape: string, data: readonly number[], order = 'False'): Buffer {
  const header = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': (${shape}), }\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), Buffer.from(data)]);
}

function write(arrays: Readonly<Record<string, Buffer>>): void {
  for (const [name, bytes] of Object.entries(arrays)) writeFileSync(join(folder, `${name}.npy`), bytes);
}

const IMAGES = npy(`'|u1'`, '2, 2, 2', [1, 2, 3, 4, 5, 6, 7, 8]);
const LABELS = npy(`'|u1'`, '2,', [1, 0]);

describe('openStoredDataset of NumPy arrays', () => {
  it('reads a validation split, and leaves out what has another name', async () => {
    write({ x_train: IMAGES, y_train: LABELS, x_val: IMAGES, y_val: LABELS, weights: LABELS });

    const { splits, notes } = await openStoredDataset(folder);

    expect(Object.keys(splits)).toEqual(['train', 'validation']);
    expect(notes).toEqual(['Arrays left out: weights.']);
  });

  it.each<[string, Readonly<Record<string, Buffer>>, string]>([
    [
      'a file that was cut off',
      { images: IMAGES.subarray(0, IMAGES.length - 1), labels: LABELS },
      `/images.npy must hold 8 bytes of values for the shape (2, 2, 2) of '|u1', got 7; the file was cut off`,
    ],
    [
      'a file that is too long',
      { images: Buffer.concat([IMAGES, Buffer.from([0])]), labels: LABELS },
      `/images.npy must hold 8 bytes of values for the shape (2, 2, 2) of '|u1', got 9; the file is too long`,
    ],
    [
      'a header that was cut off',
      { images: IMAGES.subarray(0, 30), labels: LABELS },
      `/images.npy must have a header of ${IMAGES.length - 8} bytes, got 30; it was cut off`,
    ],
    [
      'another file',
      { images: Buffer.from('hello, world'), labels: LABELS },
      '/images.npy must begin as NumPy writes arrays, got other bytes; save it with numpy.save or numpy.savez',
    ],
    [
      'records',
      { images: npy(`[('a', '|u1')]`, '2,', [1, 2]), labels: LABELS },
      '/images.npy must be an array of one plain dtype, got records with several fields; save each field as an array',
    ],
    [
      'long doubles',
      { images: npy(`'<f16'`, '1,', Array<number>(16).fill(0)), labels: LABELS },
      `/images.npy must hold booleans, integers or floats of at most 64 bits, got the dtype '<f16'; convert it with array.astype("uint8")`,
    ],
    [
      'another number of labels',
      { images: IMAGES, labels: npy(`'|u1'`, '3,', [0, 1, 0]) },
      '/labels.npy must hold 2 labels, one for each image of FOLDER/images.npy, got 3',
    ],
    [
      'labels of another shape',
      { images: IMAGES, labels: npy(`'|u1'`, '2, 1, 1', [0, 1]) },
      '/labels.npy must have the shape (n), (n, 1) or, one-hot, (n, classes), got (2, 1, 1)',
    ],
    [
      'labels with two ones',
      { images: IMAGES, labels: npy(`'|u1'`, '2, 2', [0, 1, 1, 1]) },
      '/labels.npy[1] must have one 1 among zeros, got (1, 1)',
    ],
    [
      'pixels below 0',
      { images: npy(`'|i1'`, '1, 2, 2', [1, 2, 255, 4]), labels: npy(`'|u1'`, '1,', [0]) },
      '/images.npy[0]: pixel 2 must be a whole number from 0 to 255, or all pixels n / 255, got -1; ' +
        'save the pixels as whole numbers from 0 to 255',
    ],
    [
      'images of no known shape',
      { images: npy(`'|u1'`, '2, 3', [1, 2, 3, 4, 5, 6]), labels: LABELS },
      '/images.npy must have the shape (n, height, width), (n, height, width, 1 or 3), (n, 1 or 3, height, width) or ' +
        '(n, pixels of a square), got (2, 3)',
    ],
    [
      'no images',
      { images: npy(`'|u1'`, '0, 2, 2', []), labels: LABELS },
      '/images.npy must hold images, got the shape (0, 2, 2)',
    ],
    [
      'images without labels',
      { x_train: IMAGES, y_test: LABELS },
      ' must hold both images and labels for the train split, got the arrays x_train, y_test; ' +
        'name them x_train, y_train, x_test and y_test, or images and labels',
    ],
    [
      'two arrays of one role',
      { x_train: IMAGES, train_images: IMAGES, y_train: LABELS },
      ' must hold one array of images for the train split, got train_images, x_train; name them x_train, y_train, x_test and y_test',
    ],
    [
      'arrays of other names',
      { a: IMAGES, b: LABELS },
      ' must hold arrays called x_train, y_train, x_test and y_test, or images and labels, got a, b; ' +
        'save them with these names: numpy.savez_compressed("set.npz", x_train=..., y_train=...)',
    ],
  ])('refuses %s', async (_, arrays, message) => {
    write(arrays);

    await expect(openStoredDataset(folder)).rejects.toThrow(
      new RangeError(`openStoredDataset: ${folder}${message.replace('FOLDER', folder)}`),
    );
  });

  it('refuses a truncated .npz file', async () => {
    const file = join(__dirname, 'fixtures', 'files', 'broken', 'truncated.npz');

    await expect(openStoredDataset(file)).rejects.toThrow(
      /^openStoredDataset: \S+truncated\.npz must be a whole ZIP file, got damaged data \(.+\); fetch it again$/,
    );
  });
});
