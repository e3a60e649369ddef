import { type LabelledImages, selectImages } from '@digits/data';
import { loadSplit, type StoredSplit } from '@digits/data/node';
import sharp from 'sharp';
import { type PreparationOptions, prepareSplits } from './prepare-images.ts';

jest.setTimeout(120_000);

const COUNT = 20;
const CLASS_NAMES = Array.from({ length: 10 }, (_, digit) => String(digit));
let digits: LabelledImages;

beforeAll(async () => {
  const test = await loadSplit('mnist', 'test');
  digits = selectImages(test, [...Array(COUNT).keys()]);
});

/** MNIST's digits cut out to the last pixel of ink and brought to `side`, light ink on black or the reverse. */
async function tightCrops(side: number, isDark: boolean): Promise<LabelledImages> {
  const crops = await Promise.all(
    Array.from({ length: COUNT }, async (_, i) => {
      const image = sharp(digits.images.slice(i * 784, (i + 1) * 784), { raw: { width: 28, height: 28, channels: 1 } });
      const cropped = await image.trim({ background: '#000', threshold: 40 }).png().toBuffer();
      const resized = sharp(cropped).resize(side, side, { fit: 'contain', background: '#000' });
      const pixels = await resized.extractChannel(0).raw().toBuffer();
      return isDark ? pixels.map((value) => 255 - value) : pixels;
    }),
  );
  return { ...digits, images: Uint8Array.from(Buffer.concat(crops)), height: side, width: side };
}

const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `images:${i}`);

function stored({ images: pixels, labels, ...shape }: LabelledImages): StoredSplit {
  return { images: { form: 'pixels', pixels, ...shape }, labels, names: namesOf(shape.count) };
}

/** Files in memory, with the labels of the first digits. */
function storedFiles(files: readonly Uint8Array[]): StoredSplit {
  return {
    images: { form: 'files', count: files.length, read: (index) => Promise.resolve(files[index]) },
    labels: digits.labels.subarray(0, files.length),
    names: namesOf(files.length),
  };
}

const png = (pixels: Uint8Array, width: number, height: number, channels: 1 | 3 = 1) =>
  sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();

const prepare = (splits: readonly StoredSplit[], changes: Partial<PreparationOptions> = {}) =>
  prepareSplits(splits, {
    preprocessing: 'resize',
    side: 28,
    classNames: CLASS_NAMES,
    skipBroken: false,
    option: '--dataset',
    ...changes,
  });

const inverted = (images: Uint8Array) => images.map((value) => 255 - value);

/** Share of the ink of two images that is at the same place. */
function overlap(a: Uint8Array, b: Uint8Array): number {
  let [common, all] = [0, 0];
  a.forEach((value, i) => {
    common += Math.min(value, b[i]);
    all += Math.max(value, b[i]);
  });
  return common / all;
}

describe('prepareSplits with none', () => {
  it('returns pixels as they are stored', async () => {
    const { splits, rejected } = await prepare([stored(digits)], { preprocessing: 'none' });
    expect(splits).toEqual([{ images: digits, names: namesOf(COUNT) }]);
    expect(rejected).toEqual([]);
  });

  it('keeps the colours of picture files if there are some, and refuses files of different sizes', async () => {
    const grey = await png(Uint8Array.of(9, 8, 7, 6), 2, 2);
    const colour = await png(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 2, 2, 3);
    const wide = await png(Uint8Array.of(9, 8, 7), 3, 1);
    const none = { preprocessing: 'none' } as const;
    expect((await prepare([storedFiles([grey])], none)).splits[0].images).toMatchObject({
      images: Uint8Array.of(9, 8, 7, 6),
      channels: 1,
    });
    expect((await prepare([storedFiles([grey, colour])], none)).splits[0].images).toMatchObject({
      images: Uint8Array.of(9, 9, 9, 8, 8, 8, 7, 7, 7, 6, 6, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
      channels: 3,
    });
    await expect(prepare([storedFiles([grey, wide])], none)).rejects.toThrow(
      '--dataset must hold images of one size with --preprocess none, got 2x2 in images:0 and 1x3 in images:1; use --preprocess resize',
    );
  });
});

describe('prepareSplits with resize', () => {
  it.each([
    [12, true],
    [16, false],
    [32, true],
  ])('makes an image of each tight crop of %i pixels (dark ink: %s), never a black one', async (side, isDark) => {
    const crops = await tightCrops(side, isDark);
    const { splits, rejected } = await prepare([stored(crops)]);
    expect([splits[0].images.count, splits[0].images.height, rejected.length]).toEqual([COUNT, 28, 0]);
    const light = isDark ? inverted(crops.images) : crops.images;
    for (let i = 0; i < COUNT; i++) {
      // The oracle is sharp's own resizing, which moves what it enlarges by up to half a pixel.
      const crop = light.slice(i * side * side, (i + 1) * side * side);
      const image = sharp(crop, { raw: { width: side, height: side, channels: 1 } }).resize(28, 28, {
        kernel: 'cubic',
      });
      const expected = await image.extractChannel(0).raw().toBuffer();
      expect(overlap(splits[0].images.images.subarray(i * 784, (i + 1) * 784), expected)).toBeGreaterThan(0.6);
    }
  });

  it('decides for all splits together whether ink is dark', async () => {
    const crops = await tightCrops(12, true);
    const parts = [selectImages(crops, [0]), selectImages(crops, [...Array(COUNT).keys()].slice(1))];
    const together = (await prepare([stored(crops)])).splits[0].images.images;
    const { splits } = await prepare(parts.map(stored));
    expect(Buffer.concat(splits.map(({ images }) => images.images)).equals(together)).toBe(true);
  });

  it('keeps the aspect ratio, and fills what is missing with the background', async () => {
    const wide = { ...digits, images: new Uint8Array(COUNT * 8), height: 2, width: 4 };
    for (let i = 0; i < COUNT; i++) wide.images.set([0, 0, 255, 0, 0, 255, 0, 0], i * 8);
    const { splits } = await prepare([stored(wide)], { side: 4 });
    expect([...splits[0].images.images.subarray(0, 16)]).toEqual([0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0]);
  });

  it('scales the pixels of faint sets', async () => {
    const faint = { ...digits, images: digits.images.map((value) => Math.round(value / 17)) };
    const { splits } = await prepare([stored(faint)]);
    expect(splits[0].images.images).toEqual(faint.images.map((value) => value * 17));
  });

  it('leaves out blank images and lists them', async () => {
    const crops = await tightCrops(16, false);
    crops.images.fill(0, 0, 2 * 256);
    const { splits, rejected } = await prepare([stored(crops)]);
    expect([...splits[0].images.labels]).toEqual([...digits.labels.subarray(2)]);
    expect(splits[0].names).toEqual(namesOf(COUNT).slice(2));
    // MNIST's first test images are a 7 and a 2.
    expect(rejected).toEqual([
      { name: 'images:0', className: '7', reason: 'no ink was found' },
      { name: 'images:1', className: '2', reason: 'no ink was found' },
    ]);
  });

  it('refuses a set without ink', async () => {
    const blank = { ...digits, images: new Uint8Array(COUNT * 100), height: 10, width: 10 };
    await expect(prepare([stored(blank)])).rejects.toThrow(
      '--dataset must hold images with something on them, got 20 in which nothing is found',
    );
  });

  it('names the first files that cannot be decoded and their number, or leaves them out', async () => {
    const sound = await png(digits.images.slice(0, 784), 28, 28);
    const files = [Buffer.from('text'), Buffer.alloc(0), sound, sound.subarray(0, 60), Buffer.from('more text')];
    await expect(prepare([storedFiles(files)])).rejects.toThrow(
      /^--dataset: every picture must be readable, got 4 of 5 that are not: images:0 \(.*\), images:1 \(.*\), images:3 \(.*\), ...; repair or remove them, or add --skip-broken$/,
    );
    const { splits, rejected } = await prepare([storedFiles(files)], { skipBroken: true });
    expect(splits[0].names).toEqual(['images:2']);
    expect(splits[0].images.images).toEqual(digits.images.slice(0, 784));
    expect(rejected.map(({ name }) => name)).toEqual(['images:0', 'images:1', 'images:3', 'images:4']);
  });

  it('tells how many files it has read', async () => {
    const sound = await png(digits.images.slice(0, 784), 28, 28);
    const told: number[][] = [];
    await prepare([storedFiles(Array.from({ length: 20 }, () => sound))], {
      onRead: (count, total) => told.push([count, total]),
    });
    expect(told).toEqual([[20, 20]]);
  });
});

describe('prepareSplits with picture', () => {
  const picture = { preprocessing: 'picture' } as const;

  it('returns images that are like MNIST as they are, also if their colours are inverted', async () => {
    const dark = { ...digits, images: inverted(digits.images) };
    expect((await prepare([stored(digits)], picture)).splits[0].images).toEqual(digits);
    expect((await prepare([stored(dark)], picture)).splits[0].images).toEqual(digits);
  });

  it.each([
    [12, true],
    [16, false],
    [32, true],
  ])('brings tight crops of %i pixels back to 28x28 (dark ink: %s)', async (side, isDark) => {
    const { splits, rejected } = await prepare([stored(await tightCrops(side, isDark))], picture);
    const { images } = splits[0];
    expect({ ...images, images: null, rejected }).toEqual({ ...digits, images: null, rejected: [] });
    const shares = Array.from({ length: COUNT }, (_, i) =>
      overlap(images.images.subarray(i * 784, (i + 1) * 784), digits.images.subarray(i * 784, (i + 1) * 784)),
    );
    expect(shares.reduce((sum, share) => sum + share, 0) / COUNT).toBeGreaterThan(0.6);
  });

  it('leaves out images without ink', async () => {
    const crops = await tightCrops(16, false);
    crops.images.fill(0, 0, 2 * 256);
    const { splits, rejected } = await prepare([stored(crops)], picture);
    expect([...splits[0].images.labels]).toEqual([...digits.labels.subarray(2)]);
    expect(rejected).toHaveLength(2);
  });
});
