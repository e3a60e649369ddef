import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { PictureFileError, readPicture, type PictureFileErrorCode, type PictureLimits } from './index.ts';

/** 3x2: red, green, blue; white, grey, black. */
const RGB = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 128, 128, 128, 0, 0, 0];
const RGBA = [
  [255, 0, 0, 255],
  [0, 255, 0, 255],
  [0, 0, 255, 255],
  [255, 255, 255, 255],
  [128, 128, 128, 255],
  [0, 0, 0, 255],
].flat();
const source = () => sharp(Uint8Array.from(RGB), { raw: { width: 3, height: 2, channels: 3 } });

/** A PNG whose header claims a size, with pixel data for one row only. */
function pngClaiming(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** By the PNG specification's polynomial, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

async function refusal(bytes: Uint8Array | string, limits?: PictureLimits): Promise<PictureFileError> {
  const outcome = await readPicture(bytes, limits).catch((error: unknown) => error);
  if (!(outcome instanceof PictureFileError)) throw new Error('readPicture did not refuse the file');
  return outcome;
}

describe('readPicture', () => {
  it.each(['png', 'webp', 'tiff', 'gif'] as const)('reads %s without loss', async (format) => {
    const options = { png: {}, webp: { lossless: true }, tiff: { compression: 'lzw' }, gif: {} }[format];
    const lossless = source().toFormat(format, options);
    const file = await readPicture(await lossless.toBuffer());
    expect(file).toMatchObject({ format, numFrames: 1, orientation: 1, picture: { width: 3, height: 2, channels: 4 } });
    expect([...file.picture.data]).toEqual(RGBA);
  });

  it('reads jpeg to within its loss', async () => {
    const grey = sharp({ create: { width: 16, height: 8, channels: 3, background: '#808080' } });
    const { picture } = await readPicture(await grey.jpeg().toBuffer());
    expect([picture.width, picture.height, picture.channels]).toEqual([16, 8, 4]);
    expect(Math.abs(picture.data[0] - 128)).toBeLessThanOrEqual(1);
  });

  it('reads 16 bits a channel and single-channel pictures as 8-bit RGBA', async () => {
    const deep = await sharp(Uint16Array.from([0, 32896, 65535, 257]), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const { picture } = await readPicture(deep);
    expect([...picture.data].filter((_, i) => i % 4 === 0)).toEqual([0, 128, 255, 1]);
  });

  it('turns a picture upright as EXIF says', async () => {
    const rotated = await source().withMetadata({ orientation: 6 }).png().toBuffer();
    const { picture, orientation } = await readPicture(rotated);
    expect([picture.width, picture.height, orientation]).toEqual([2, 3, 6]);
    // Orientation 6: turned a quarter clockwise, so the lower left pixel (white) comes first.
    expect([...picture.data.subarray(0, 8)]).toEqual([255, 255, 255, 255, 255, 0, 0, 255]);
  });

  it('reads the first frame of an animated gif', async () => {
    const frames = [255, 0].map((value) => Uint8Array.from({ length: 12 }, () => value));
    const animated = await sharp(Buffer.concat(frames), { raw: { width: 2, height: 4, channels: 3, pageHeight: 2 } })
      .gif({ delay: [100, 100] })
      .toBuffer();
    const { picture, numFrames } = await readPicture(animated);
    expect({ numFrames, width: picture.width, height: picture.height, first: picture.data[0] }).toEqual({
      numFrames: 2,
      width: 2,
      height: 2,
      first: 255,
    });
  });

  it('keeps transparency', async () => {
    const clear = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 10, g: 20, b: 30, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect((await readPicture(clear)).picture.data[3]).toBe(0);
  });

  it('reads from a path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'picture-files-'));
    try {
      const path = join(folder, 'named-as-something-else.txt');
      await writeFile(path, await source().png().toBuffer());
      expect((await readPicture(path)).format).toBe('png');
      await expect(readPicture(join(folder, 'missing.png'))).rejects.toMatchObject({ code: 'ENOENT' });
      expect((await refusal(path, { maxBytes: 10 })).code).toBe('TOO_LARGE');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const refused: [string, Uint8Array, PictureFileErrorCode, string][] = [
    [
      'HEIC',
      Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'),
      'UNSUPPORTED_FORMAT',
      'got HEIC; save or export it as',
    ],
    [
      'HEIC whose main brand is that of all HEIF files',
      Buffer.from('\0\0\0\x18ftypmif1\0\0\0\0mif1heic', 'latin1'),
      'UNSUPPORTED_FORMAT',
      'got HEIC; save or export it as',
    ],
    ['HEIF', Buffer.from('\0\0\0\x14ftypmif1\0\0\0\0mif1avif', 'latin1'), 'UNSUPPORTED_FORMAT', 'got HEIF;'],
    [
      'an AVIF animation',
      Buffer.from('\0\0\0\x18ftypavis\0\0\0\0avifavis', 'latin1'),
      'UNSUPPORTED_FORMAT',
      'got an AVIF animation;',
    ],
    ['half a file type box', Buffer.from('\0\0\0\x18ftyp', 'latin1'), 'UNSUPPORTED_FORMAT', 'got ISO media (video);'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'UNSUPPORTED_FORMAT', 'got SVG or XML;'],
    ['PDF', Buffer.from('%PDF-1.7'), 'UNSUPPORTED_FORMAT', 'got PDF;'],
    ['ICO', Uint8Array.of(0, 0, 1, 0, 1, 0), 'UNSUPPORTED_FORMAT', 'got ICO;'],
    ['a video', Buffer.from('\0\0\0\x18ftypisom', 'latin1'), 'UNSUPPORTED_FORMAT', 'got ISO media (video);'],
    ['a bare JPEG XL', Uint8Array.of(0xff, 0x0a), 'UNSUPPORTED_FORMAT', 'got JPEG XL;'],
    ['JPEG XL', Buffer.from('\0\0\0\x0cJXL \r\n', 'latin1'), 'UNSUPPORTED_FORMAT', 'got JPEG XL;'],
    ['JPEG 2000', Buffer.from('\0\0\0\x0cjP  \r\n', 'latin1'), 'UNSUPPORTED_FORMAT', 'got JPEG 2000;'],
    [
      'an empty file',
      new Uint8Array(0),
      'UNSUPPORTED_FORMAT',
      'readPicture: the file must be PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP, got an empty file; save or export it as JPEG or PNG',
    ],
    [
      'unknown bytes',
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
      'UNSUPPORTED_FORMAT',
      'got an unknown format (it starts with 01 02 03 04 05 06 07 08);',
    ],
    [
      'a PNG that claims 60000x60000 pixels in a few hundred bytes',
      pngClaiming(60000, 60000),
      'TOO_LARGE',
      'the picture must have at most 50000000 pixels, got 60000x60000; scale it down first',
    ],
    [
      'a PNG of one row of 24 million pixels',
      pngClaiming(24_000_000, 1),
      'TOO_LARGE',
      'readPicture: the picture must be at most 32767 pixels wide and high, got 24000000x1; cut out the part with the digits',
    ],
    ['a PNG of one column', pngClaiming(1, 40_000), 'TOO_LARGE', 'at most 32767 pixels wide and high, got 1x40000;'],
    [
      'a PNG that is too narrow',
      pngClaiming(12_000, 59),
      'TOO_LARGE',
      'the picture must be at most 200 times as long as it is broad, got 12000x59; cut out',
    ],
    [
      'a PNG whose pixels are missing',
      pngClaiming(5000, 5000),
      'DAMAGED',
      'the PNG file must be whole, got a damaged one (',
    ],
    ['a PNG that ends in its header', pngClaiming(10, 10).subarray(0, 20), 'DAMAGED', 'the PNG file must be whole'],
  ];
  it.each(refused)('refuses %s', async (_, bytes, code, text) => {
    const error = await refusal(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('\n');
  });

  it('counts bytes and pixels against the limits that were given', async () => {
    const bytes = await source().png().toBuffer();
    expect((await refusal(bytes, { maxPixels: 5 })).message).toContain('at most 5 pixels, got 3x2');
    expect((await refusal(bytes, { maxBytes: 20 })).message).toBe(
      `readPicture: the file must have at most 20 bytes, got ${bytes.length}; save it smaller`,
    );
  });

  it.each(['png', 'jpeg', 'webp', 'tiff'] as const)('reads a panorama of 12000x800 as %s', async (format) => {
    const paper = sharp({ create: { width: 12_000, height: 800, channels: 3, background: '#fff' } });
    const { picture } = await readPicture(await paper.toFormat(format).toBuffer(), { maxPixels: 24_000_000 });
    expect([picture.width, picture.height]).toEqual([12_000, 800]);
  });

  it('keeps the decoder’s own error as the cause', async () => {
    const error = await refusal(pngClaiming(5000, 5000));
    expect(error.cause).toBeInstanceOf(Error);
  });
});
