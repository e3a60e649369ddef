import { type LabelledImages, selectImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import sharp from 'sharp';
import { hasDarkInk, prepareStoredImages } from './stored-images.ts';

jest.setTimeout(120_000);

const COUNT = 20;
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

/** Share of the ink of two images that is at the same place. */
function overlap(a: Uint8Array, b: Uint8Array): number {
  let [common, all] = [0, 0];
  a.forEach((value, i) => {
    common += Math.min(value, b[i]);
    all += Math.max(value, b[i]);
  });
  return common / all;
}

describe('hasDarkInk', () => {
  it('tells dark ink from light ink by the borders, also of digits that touch them', async () => {
    expect(hasDarkInk(digits)).toBe(false);
    expect(hasDarkInk({ ...digits, images: digits.images.map((value) => 255 - value) })).toBe(true);
    expect(hasDarkInk(await tightCrops(12, false))).toBe(false);
    expect(hasDarkInk(await tightCrops(12, true))).toBe(true);
  });
});

describe('prepareStoredImages', () => {
  it('returns images that are like MNIST as they are, also if their colours are inverted', async () => {
    const inverted = { ...digits, images: digits.images.map((value) => 255 - value) };
    expect(await prepareStoredImages(digits)).toEqual({ labelled: digits, numUnread: 0 });
    expect(await prepareStoredImages(inverted)).toEqual({ labelled: digits, numUnread: 0 });
  });

  it.each([
    [12, true],
    [16, false],
    [32, true],
  ])('brings tight crops of %i pixels back to 28x28 (dark ink: %s)', async (side, isDark) => {
    const { labelled, numUnread } = await prepareStoredImages(await tightCrops(side, isDark));
    expect({ ...labelled, images: null, numUnread }).toEqual({ ...digits, images: null, numUnread: 0 });
    const shares = Array.from({ length: COUNT }, (_, i) =>
      overlap(labelled.images.subarray(i * 784, (i + 1) * 784), digits.images.subarray(i * 784, (i + 1) * 784)),
    );
    expect(shares.reduce((sum, share) => sum + share, 0) / COUNT).toBeGreaterThan(0.6);
  });

  it('leaves out and counts images without ink', async () => {
    const crops = await tightCrops(16, false);
    crops.images.fill(0, 0, 2 * 256);
    const { labelled, numUnread } = await prepareStoredImages(crops);
    expect(numUnread).toBe(2);
    expect([...labelled.labels]).toEqual([...digits.labels.subarray(2)]);
  });

  it('refuses a set without ink', async () => {
    const blank = { ...digits, images: new Uint8Array(COUNT * 100), height: 10, width: 10 };
    await expect(prepareStoredImages(blank)).rejects.toThrow(
      '--dataset must hold images with a digit on them, got 20 of 10x10 in which none is found',
    );
  });
});
