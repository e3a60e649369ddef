import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { PictureFileError, readPicture } from './index.ts';

// Files that Pillow 13.0.0 has written, with save(..., save_all=True, append_images=[...]) if they have several pictures.

/** 3x2, white, then white with pixel (1, 1) black, which is written as a frame of 1x1, then white. */
const GIF =
  'R0lGODlhAwACAIEAAP///wAAAAAAAAAAACH5BAAWAAAALAAAAAADAAIAAAgGAAEIHBgQACH5BAEKAAIALAEAAQABAAEAgQAAAP///wAAAAAAAAgE' +
  'AAEEBAAh+QQBDQABACwBAAEAAQABAIH///8AAAAAAAAAAAAIBAABBAQAOw==';

/** Pages of 4x4 all 255, 2x3 all 200, and 3x1 with [9, 0, 200]. */
const TIFF =
  'SUkqAAgAAAAJAAABBAABAAAABAAAAAEBBAABAAAABAAAAAIBAwABAAAACAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAAegAAABYB' +
  'BAABAAAABAAAABcBBAABAAAAEAAAABwBAwABAAAAAQAAAJgAAAD/////////////////////AAAAAAAASUkqAAgAAAAJAAABBAABAAAAAgAAAAEB' +
  'BAABAAAAAwAAAAIBAwABAAAACAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAACgEAABYBBAABAAAAAwAAABcBBAABAAAABgAAABwB' +
  'AwABAAAAAQAAABgBAADIyMjIyMhJSSoACAAAAAkAAAEEAAEAAAADAAAAAQEEAAEAAAABAAAAAgEDAAEAAAAIAAAAAwEDAAEAAAABAAAABgEDAAEA' +
  'AAABAAAAEQEEAAEAAACKAQAAFgEEAAEAAAABAAAAFwEEAAEAAAADAAAAHAEDAAEAAAABAAAAAAAAAAkAyAAAAA==';

/** 2x2, mode I;16, [0, 100, 255, 7]. */
const TIFF_OF_LOW_BYTES =
  'SUkqAAgAAAAJAAABBAABAAAAAgAAAAEBBAABAAAAAgAAAAIBAwABAAAAEAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAAegAAABYB' +
  'BAABAAAAAgAAABcBBAABAAAACAAAABwBAwABAAAAAQAAAAAAAAAAAGQA/wAHAA==';

/** 16x16 in quarters of 8x8: red, green; blue, transparent. Quality 100, no subsampling. */
const AVIF =
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAGGbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0' +
  'bQAAAAAAAQAAACxpbG9jAAAAAEQAAAIAAQAAAAEAAAHDAAAAKAACAAAAAQAAAa4AAAAVAAAAQmlpbmYAAAAAAAIAAAAaaW5mZQIAAAAAAQAAYXYw' +
  'MUNvbG9yAAAAABppbmZlAgAAAAACAABhdjAxQWxwaGEAAAAAGmlyZWYAAAAAAAAADmF1eGwAAgABAAEAAADDaXBycAAAAJ1pcGNvAAAAFGlzcGUA' +
  'AAAAAAAAEAAAABAAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBIAAAAAAAE2NvbHJuY2x4AAEADQAGgAAAAA5waXhpAAAAAAEIAAAADGF2MUOBABwA' +
  'AAAAOGF1eEMAAAAAdXJuOm1wZWc6bXBlZ0I6Y2ljcDpzeXN0ZW1zOmF1eGlsaWFyeTphbHBoYQAAAAAeaXBtYQAAAAAAAAACAAEEAQKDBAACBAEF' +
  'hgcAAABFbWRhdBIACgUYDP/YVDIKRAAANovfYQWU8BIACgg4DP/YQENBpDIaRAAAhsj1HRXUKtsSxyF0XOuB8tyR9sTPn7s=';

/** The same with EXIF orientation 6, which Pillow writes as a quarter turn (irot). */
const AVIF_TURNED =
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAGRbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0' +
  'bQAAAAAAAQAAACxpbG9jAAAAAEQAAAIAAQAAAAEAAAHOAAAAKAACAAAAAQAAAbkAAAAVAAAAQmlpbmYAAAAAAAIAAAAaaW5mZQIAAAAAAQAAYXYw' +
  'MUNvbG9yAAAAABppbmZlAgAAAAACAABhdjAxQWxwaGEAAAAAGmlyZWYAAAAAAAAADmF1eGwAAgABAAEAAADOaXBycAAAAKZpcGNvAAAAFGlzcGUA' +
  'AAAAAAAAEAAAABAAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBIAAAAAAAE2NvbHJuY2x4AAEADQAGgAAAAAlpcm90AwAAAA5waXhpAAAAAAEIAAAA' +
  'DGF2MUOBABwAAAAAOGF1eEMAAAAAdXJuOm1wZWc6bXBlZ0I6Y2ljcDpzeXN0ZW1zOmF1eGlsaWFyeTphbHBoYQAAAAAgaXBtYQAAAAAAAAACAAEF' +
  'AQKDBIUAAgUBBocIhQAAAEVtZGF0EgAKBRgM/9hUMgpEAAA2i99hBZTwEgAKCDgM/9hAQ0GkMhpEAACGyPUdFdQq2xLHIXRc64Hy3JH2xM+fuw==';

const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

/** 4x4 frames of one RGBA colour each; `null` is white with the first pixel black. */
async function animation(
  format: 'gif' | 'webp' | 'tiff',
  frames: readonly (readonly number[] | null)[],
): Promise<Buffer> {
  const pixels = frames.map((colour) => {
    const rgba = Uint8Array.from({ length: 64 }, (_, i) => colour?.[i % 4] ?? 255);
    if (colour === null) rgba.fill(0, 0, 3);
    return rgba;
  });
  const raw = { width: 4, height: frames.length * 4, channels: 4, pageHeight: 4 } as const;
  const options = { gif: {}, webp: { lossless: true }, tiff: { compression: 'lzw' } }[format];
  // Equal frames in a row would become one that is shown for longer.
  const delay = frames.map((_, i) => 100 + i * 10);
  return sharp(Buffer.concat(pixels), { raw })
    .toFormat(format, { ...options, delay, minSize: false })
    .toBuffer();
}

const CLEAR = [0, 0, 0, 0];
const WHITE = [255, 255, 255, 255];
const GREY = [99, 99, 99, 255];

async function frameRead(bytes: Uint8Array, maxPixels = 1000): Promise<{ frame: number; of: number; first: number[] }> {
  const { frame, numFrames, picture } = await readPicture(bytes, { maxPixels });
  return { frame, of: numFrames, first: [...picture.data.subarray(0, 4)] };
}

describe('readPicture of several frames', () => {
  it.each(['gif', 'webp', 'tiff'] as const)('reads the first frame of a %s that is not blank', async (format) => {
    const first = [0, 0, 0, 255];
    expect(await frameRead(await animation(format, [CLEAR, WHITE, GREY, null, WHITE]))).toEqual({
      frame: 3,
      of: 5,
      first,
    });
    expect(await frameRead(await animation(format, [null, WHITE]))).toEqual({ frame: 0, of: 2, first });
  });

  it.each(['gif', 'webp', 'tiff'] as const)('reads the first frame of a %s if all are blank', async (format) => {
    expect(await frameRead(await animation(format, [GREY, WHITE, CLEAR]))).toEqual({ frame: 0, of: 3, first: GREY });
  });

  it('draws a frame over those before it', async () => {
    const { frame, numFrames, picture } = await readPicture(bytesOf(GIF));
    expect([frame, numFrames, picture.width, picture.height]).toEqual([1, 3, 3, 2]);
    expect([...picture.data].filter((_, i) => i % 4 === 0)).toEqual([255, 255, 255, 255, 0, 255]);
  });

  it('reads a page of its own size', async () => {
    const { frame, numFrames, picture } = await readPicture(bytesOf(TIFF));
    expect([frame, numFrames, picture.width, picture.height]).toEqual([2, 3, 3, 1]);
    expect([...picture.data].filter((_, i) => i % 4 === 0)).toEqual([9, 0, 200]);
  });

  it.each(['gif', 'webp', 'tiff'] as const)('searches no more pixels of a %s than the limit', async (format) => {
    const bytes = await animation(format, [GREY, WHITE, CLEAR, null]);
    expect(await frameRead(bytes, 64)).toMatchObject({ frame: 3 });
    expect(await frameRead(bytes, 31)).toEqual({ frame: 0, of: 4, first: GREY });
  });

  it('searches no more than 250 frames', async () => {
    const withContentAt = (frame: number): Promise<Buffer> => {
      const frames = Array.from({ length: 252 }, (_, i) => (i === frame ? null : i % 2 === 0 ? GREY : WHITE));
      return animation('gif', frames);
    };
    expect(await frameRead(await withContentAt(249), 1e6)).toMatchObject({ frame: 249, of: 252 });
    expect(await frameRead(await withContentAt(250), 1e6)).toMatchObject({ frame: 0, of: 252 });
  });

  it('does not search a TIFF with so many pages that opening it takes long', async () => {
    const withContentAt = (page: number): Promise<Buffer> =>
      animation(
        'tiff',
        Array.from({ length: 250 }, (_, i) => (i === page ? null : GREY)),
      );
    expect(await frameRead(await withContentAt(3), 1e6)).toMatchObject({ frame: 3, of: 250 });
    expect(await frameRead(await withContentAt(4), 1e6)).toMatchObject({ frame: 0, of: 250 });
  }, 30_000);

  it('reads the first frame if it is blank and another is damaged', async () => {
    const bytes = bytesOf(TIFF);
    // The second page's pixels (StripOffsets 266) are far beyond the file.
    const at = bytes.indexOf(Uint8Array.of(0x0a, 0x01, 0, 0, 0x16, 0x01));
    bytes.writeUInt32LE(0x7fffffff, at);
    expect(await frameRead(bytes)).toEqual({ frame: 0, of: 3, first: WHITE });
  });
});

/** A PNG of 16 bits a sample, 2 pixels wide, by the specification. */
function deepPng(colourType: 0 | 2 | 4 | 6, samples: readonly number[]): Buffer {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const framed = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
    framed.writeUInt32BE(data.length);
    framed.writeUInt32BE(crc32(framed.subarray(4, -4)), framed.length - 4);
    return framed;
  };
  const perRow = 2 * { 0: 1, 2: 3, 4: 2, 6: 4 }[colourType];
  const rows = samples.flatMap((value, i) => [...(i % perRow === 0 ? [0] : []), value >> 8, value & 255]);
  const header = Uint8Array.of(0, 0, 0, 2, 0, 0, 0, samples.length / perRow, 16, colourType, 0, 0, 0);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const body = chunk('IDAT', deflateSync(Uint8Array.from(rows)));
  return Buffer.concat([signature, chunk('IHDR', header), body, chunk('IEND', new Uint8Array(0))]);
}

async function dataOf(bytes: Uint8Array): Promise<number[]> {
  return [...(await readPicture(bytes)).picture.data];
}

describe('readPicture of 16 bits a sample', () => {
  it('reads the low bytes of a picture whose samples stop at 255', async () => {
    expect(await dataOf(deepPng(0, [0, 255]))).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    expect(await dataOf(deepPng(2, [1, 2, 3, 255, 100, 0]))).toEqual([1, 2, 3, 255, 255, 100, 0, 255]);
    expect(await dataOf(deepPng(4, [9, 255, 200, 0]))).toEqual([9, 9, 9, 255, 200, 200, 200, 0]);
    expect(await dataOf(deepPng(6, [1, 2, 3, 4, 5, 6, 7, 255]))).toEqual([1, 2, 3, 4, 5, 6, 7, 255]);
    expect((await dataOf(bytesOf(TIFF_OF_LOW_BYTES))).filter((_, i) => i % 4 === 0)).toEqual([0, 100, 255, 7]);
  });

  it('reads alpha by its own maximum', async () => {
    expect(await dataOf(deepPng(4, [9, 65535, 200, 32896]))).toEqual([9, 9, 9, 255, 200, 200, 200, 128]);
  });

  it('reads the high bytes of a picture with one sample above 255', async () => {
    expect(await dataOf(deepPng(0, [255, 256]))).toEqual([0, 0, 0, 255, 1, 1, 1, 255]);
    expect(await dataOf(deepPng(6, [0, 0, 0, 65535, 0, 0, 257, 65535]))).toEqual([0, 0, 0, 255, 0, 0, 1, 255]);
  });
});

/** The colours in the middle of a picture's quarters, row by row, to within 2; transparent ones as null. */
function quarters({ data, width }: { readonly data: ArrayLike<number>; readonly width: number }): (string | null)[] {
  const names: Record<string, string> = { '255,0,0': 'red', '0,255,0': 'green', '0,0,255': 'blue' };
  return [4 * width + 4, 4 * width + 12, 12 * width + 4, 12 * width + 12].map((pixel) => {
    const [red, green, blue, alpha] = Array.from(data).slice(pixel * 4, pixel * 4 + 4);
    const snap = (value: number): number => (value <= 2 ? 0 : value >= 253 ? 255 : value);
    const colour = [red, green, blue].map(snap).join();
    return alpha === 0 ? null : (names[colour] ?? colour);
  });
}

describe('readPicture of AVIF', () => {
  it('reads colours and transparency', async () => {
    const { picture, ...facts } = await readPicture(bytesOf(AVIF));
    const size = { fullWidth: 16, fullHeight: 16 };
    const numBytes = bytesOf(AVIF).length;
    expect(facts).toEqual({ format: 'avif', ...size, numBytes, numFrames: 1, frame: 0, orientation: 1 });
    expect([picture.width, picture.height]).toEqual([16, 16]);
    expect(quarters(picture)).toEqual(['red', 'green', 'blue', null]);
  });

  it('turns the picture as the file says', async () => {
    // A quarter turn clockwise puts the lower left at the upper left.
    expect(quarters((await readPicture(bytesOf(AVIF_TURNED))).picture)).toEqual(['blue', 'red', null, 'green']);
  });

  it('reads a file whose main brand is that of all HEIF files', async () => {
    const bytes = bytesOf(AVIF);
    bytes.write('mif1', 8, 'latin1');
    expect((await readPicture(bytes)).format).toBe('avif');
  });

  it('counts the declared pixels before it decodes', async () => {
    await expect(readPicture(bytesOf(AVIF), { maxPixels: 255 })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: 'readPicture: the picture must have at most 255 pixels, got 16x16; scale it down first',
    });
    const bytes = bytesOf(AVIF);
    bytes.writeUInt32BE(60000, bytes.indexOf('ispe') + 8);
    bytes.writeUInt32BE(60000, bytes.indexOf('ispe') + 12);
    await expect(readPicture(bytes)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('refuses every file that is cut off', async () => {
    const bytes = bytesOf(AVIF);
    for (let length = 12; length < bytes.length; length += 20) {
      const error = await readPicture(bytes.subarray(0, length)).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(PictureFileError);
      expect(error).toMatchObject({ code: 'DAMAGED' });
    }
  });
});

/** A file of 480x80: dark left of column 240 and light right of it. */
async function halves(format: 'png' | 'jpeg' | 'webp' | 'tiff' | 'gif', orientation?: number): Promise<Buffer> {
  const rgb = Uint8Array.from({ length: 480 * 80 * 3 }, (_, i) => (Math.floor(i / 3) % 480 < 240 ? 20 : 220));
  const options = { png: {}, jpeg: { quality: 100 }, webp: { lossless: true }, tiff: { compression: 'lzw' }, gif: {} };
  const picture = sharp(rgb, { raw: { width: 480, height: 80, channels: 3 } }).toFormat(format, options[format]);
  return (orientation === undefined ? picture : picture.withMetadata({ orientation })).toBuffer();
}

describe('readPicture with shrinkTo', () => {
  it.each(['png', 'jpeg', 'webp', 'tiff', 'gif'] as const)('shrinks a %s by a whole factor', async (format) => {
    const file = await readPicture(await halves(format), { shrinkTo: 100 });
    // The factor is 4, with which the longer side keeps 120 pixels.
    expect([file.picture.width, file.picture.height]).toEqual([120, 20]);
    expect([file.fullWidth, file.fullHeight]).toEqual([480, 80]);
    const reds = file.picture.data.filter((_, i) => i % 4 === 0).subarray(0, 120);
    for (const [x, red] of reds.entries()) {
      if (x < 58) expect(Math.abs(red - 20)).toBeLessThanOrEqual(2);
      if (x >= 62) expect(Math.abs(red - 220)).toBeLessThanOrEqual(2);
    }
  });

  it.each(['png', 'jpeg', 'webp', 'tiff'] as const)('shrinks a %s that is to be turned', async (format) => {
    const file = await readPicture(await halves(format, 6), { shrinkTo: 100 });
    expect([file.picture.width, file.picture.height]).toEqual([20, 120]);
    expect([file.fullWidth, file.fullHeight, file.orientation]).toEqual([80, 480, 6]);
    // A quarter turn clockwise puts the left side at the top.
    expect([file.picture.data[0] < 30, (file.picture.data.at(-4) ?? 0) > 210]).toEqual([true, true]);
  });

  it('leaves a picture as it is whose longer side is less than twice as long', async () => {
    const file = await halves('png');
    const { data } = (await readPicture(file)).picture;
    expect((await readPicture(file, { shrinkTo: 241 })).picture).toEqual({ data, width: 480, height: 80, channels: 4 });
  });

  it('searches frames by their size in the file', async () => {
    const frames = [GREY, WHITE, null].map((colour) => {
      const rgba = Uint8Array.from({ length: 64 * 64 * 4 }, (_, i) => colour?.[i % 4] ?? 255);
      if (colour === null) for (let i = 0; i < 64 * 64 * 2; i++) rgba[i] = i % 4 === 3 ? 255 : 0;
      return rgba;
    });
    const raw = { width: 64, height: 192, channels: 4, pageHeight: 64 } as const;
    const bytes = await sharp(Buffer.concat(frames), { raw })
      .gif({ delay: [100, 110, 120] })
      .toBuffer();
    const { frame, picture } = await readPicture(bytes, { shrinkTo: 16 });
    expect({ frame, width: picture.width, first: picture.data[0] }).toEqual({ frame: 2, width: 16, first: 0 });
  });
});
