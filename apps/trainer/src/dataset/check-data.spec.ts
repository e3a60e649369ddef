import { type LabelledImages, selectImages } from '@digits/data';
import { loadDataset } from '@digits/data/node';
import { checkData, type DataToCheck, type NamedImages } from './check-data.ts';

jest.setTimeout(60_000);

const NAMES = Array.from({ length: 10 }, (_, digit) => String(digit));
let train: NamedImages;
let test: NamedImages;

function named(images: LabelledImages, prefix: string): NamedImages {
  return { images, names: Array.from({ length: images.count }, (_, i) => `${prefix}/${i}.png`) };
}

beforeAll(async () => {
  const mnist = await loadDataset('mnist');
  train = named(selectImages(mnist.train, [...Array(400).keys()]), 'train');
  test = named(selectImages(mnist.test, [...Array(200).keys()]), 'test');
});

const check = (changes: Partial<DataToCheck> = {}) =>
  checkData({ classNames: NAMES, train, validation: null, test, added: null, ...changes });

const withPixels = ({ images, names }: NamedImages, change: (pixels: Uint8Array) => Uint8Array): NamedImages => ({
  images: { ...images, images: change(images.images.slice()) },
  names,
});

function transposed(pixels: Uint8Array): Uint8Array {
  return pixels.map((_, i) => pixels[i - (i % 784) + (i % 28) * 28 + (((i % 784) / 28) | 0)]);
}

describe('checkData', () => {
  it('finds nothing wrong with digits of MNIST', () => {
    expect(check()).toEqual([]);
  });

  it('names images that are in two splits', () => {
    const leaking = withPixels(test, (pixels) => {
      pixels.set(train.images.images.subarray(5 * 784, 7 * 784), 0);
      return pixels;
    });
    const [problem] = check({ test: leaking });
    expect(problem.message).toBe(
      '2 test images are also among the training images, so its accuracy will be too high (train/5.png is test/0.png); remove them from one of the two',
    );
    expect(problem.images.map(({ name }) => name)).toEqual(['train/5.png', 'test/0.png', 'train/6.png', 'test/1.png']);
  });

  it('names added images that are in the test split', () => {
    const added = named(selectImages(test.images, [9, 8]), 'more');
    expect(check({ added }).map(({ message }) => message)).toEqual([
      '2 test images are also among the added images, so its accuracy will be too high (more/1.png is test/8.png); remove them from one of the two',
    ]);
  });

  it('names images with two labels', () => {
    // MNIST's first training images are a 5 and a 0.
    const labels = Uint8Array.of(5, 0, 5);
    const images = { ...selectImages(train.images, [0, 1, 1]), labels };
    expect(check({ added: named(images, 'more') }).find(({ kind }) => kind === 'conflictingLabels')?.message).toBe(
      '1 image is there twice with different labels (train/1.png and more/2.png: 0 and 5); remove the wrong one',
    );
  });

  it('names blank images', () => {
    const blanks = withPixels(train, (pixels) => pixels.fill(0, 0, 784));
    expect(check({ train: blanks }).map(({ message }) => message)).toEqual([
      '1 image is blank (train/0.png); remove them',
    ]);
  });

  it('finds inverted sets, and splits that are inverted', () => {
    const invert = (pixels: Uint8Array) => pixels.map((value) => 255 - value);
    expect(check({ train: withPixels(train, invert), test: withPixels(test, invert) })).toMatchObject([
      { kind: 'inverted', message: expect.stringContaining('the images seem to be dark') as string },
    ]);
    expect(check({ test: withPixels(test, invert) })).toMatchObject([
      { kind: 'inverted', message: expect.stringContaining('the test images seem to be dark') as string },
    ]);
  });

  it('finds transposed sets, and splits that are transposed', () => {
    const [turnedTrain, turnedTest] = [withPixels(train, transposed), withPixels(test, transposed)];
    expect(check({ train: turnedTrain, test: turnedTest }).map(({ kind }) => kind)).toEqual(['transposed']);
    expect(check({ test: turnedTest })).toMatchObject([
      { kind: 'transposed', message: expect.stringContaining('the test images') as string },
    ]);
    const letters = 'a b c d e f g h i j'.split(' ');
    expect(check({ classNames: letters, train: turnedTrain, test: turnedTest })).toEqual([]);
  });

  it('finds pixels that were never scaled', () => {
    const dim = (pixels: Uint8Array) => pixels.map((value) => value >> 4);
    expect(check({ train: withPixels(train, dim), test: withPixels(test, dim) })).toMatchObject([
      {
        message:
          'the images are faint: their largest pixel is 15 of 255; scale them to [0, 255], or use --preprocess resize',
      },
    ]);
  });

  it('warns of tiny test splits, and of classes with few or no images', () => {
    const few = named(selectImages(train.images, [...Array(60).keys()]), 'train');
    const tiny = named(selectImages(test.images, [0, 1]), 'test');
    // Among MNIST's first 60 training images: six 0, twelve 1, six 2, ...; the first test images are a 7 and a 2.
    const counts = NAMES.map((_, digit) => few.images.labels.filter((label) => label === digit).length);
    const scarce = counts.filter((count) => count < 10).length;
    expect(check({ train: few, test: tiny }).map(({ message }) => message)).toEqual([
      'the test split has only 2 images: an accuracy of 95% on it means 34% to 100%; add test images',
      expect.stringMatching(new RegExp(`^${scarce} of 10 classes have fewer than 10 training images \\(0: `)),
      '8 of 10 classes have no test image (0, 1, 3, ...); nothing will be known of them',
    ]);
  });
});
