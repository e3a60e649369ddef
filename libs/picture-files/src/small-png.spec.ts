import { randomUniforms, RandomPurpose } from '@digits/data';
import sharp from 'sharp';
import { decodeSmallPng } from './small-png.ts';

const SIZE = { width: 13, height: 9 };
const MAX_PIXELS = 1e6;

/** Noise, of which encoders choose every filter somewhere. */
function noise(channels: 1 | 2 | 3 | 4): Uint8Array {
  const numbers = randomUniforms({ seed: channels, purpose: RandomPurpose.split }, SIZE.width * SIZE.height * channels);
  return Uint8Array.from(numbers, (value, i) => 100 + 5 * (i % 20) + 30 * value);
}

const open = (channels: 1 | 2 | 3 | 4) => sharp(noise(channels), { raw: { ...SIZE, channels } });

const decodedBySharp = async (png: Uint8Array) =>
  new Uint8Array(await sharp(png).toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' }).toBuffer());

describe('decodeSmallPng', () => {
  it.each([
    [1, 'b-w'],
    [2, 'b-w'],
    [3, 'srgb'],
    [4, 'srgb'],
  ] as const)('gives the pixels that sharp gives, of %i channels, with each filter', async (channels, space) => {
    for (const adaptiveFiltering of [true, false]) {
      const png = await open(channels).toColourspace(space).png({ adaptiveFiltering, compressionLevel: 9 }).toBuffer();
      expect(png[25]).toBe({ 1: 0, 2: 4, 3: 2, 4: 6 }[channels]);
      expect(decodeSmallPng(png, MAX_PIXELS)).toEqual({ data: await decodedBySharp(png), ...SIZE });
    }
  });

  it('leaves palettes, interlaced, deep and large files to a decoder', async () => {
    const others = await Promise.all([
      open(3).png({ palette: true }).toBuffer(),
      open(3).png({ progressive: true }).toBuffer(),
      open(1).toColourspace('grey16').png().toBuffer(),
      open(3).withMetadata({ orientation: 3 }).png().toBuffer(),
      open(1).resize(129, 128).png().toBuffer(),
    ]);
    expect(others.map((png) => decodeSmallPng(png, MAX_PIXELS))).toEqual([null, null, null, null, null]);
  });

  it('leaves damaged files to a decoder, which tells what is wrong', async () => {
    const png = await open(1).toColourspace('b-w').png().toBuffer();
    for (let at = 8; at < png.length; at++) {
      const damaged = Uint8Array.from(png);
      damaged[at] ^= 1;
      const decoded = decodeSmallPng(damaged, MAX_PIXELS);
      // Only chunks that decoders skip may be damaged.
      if (decoded !== null) expect(Buffer.from(decoded.data).equals(await decodedBySharp(png))).toBe(true);
      expect(decodeSmallPng(png.subarray(0, at), MAX_PIXELS)).toBeNull();
    }
  });

  it('refuses more pixels than are allowed', async () => {
    const png = await open(1).toColourspace('b-w').png().toBuffer();
    expect(() => decodeSmallPng(png, 100)).toThrow('must have at most 100 pixels, got 13x9');
  });
});
