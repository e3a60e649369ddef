import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { readPicture } from './index.ts';
import { pngSize, withoutExtraChunks } from './png-chunks.ts';

// Records the calls of the real decoder.
jest.mock('sharp', () => {
  const actual = jest.requireActual<typeof sharp>('sharp');
  return Object.assign(jest.fn(actual), actual);
});

function chunk(type: string, data: Uint8Array): Buffer {
  const framed = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
  framed.writeUInt32BE(data.length);
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), framed.length - 4);
  return framed;
}

/** Puts chunks after the header of a PNG. */
function withChunks(png: Buffer, ...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
}

/** 3x2: red, green, blue; white, grey, black. */
const RGB = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 128, 128, 128, 0, 0, 0];
const picture = () => sharp(Uint8Array.from(RGB), { raw: { width: 3, height: 2, channels: 3 } });
const compressed = (name: string): Buffer =>
  Buffer.concat([Buffer.from(`${name}\0\0`, 'latin1'), deflateSync(Buffer.alloc(1000, 'a'))]);

describe('withoutExtraChunks', () => {
  it('removes texts, profiles and unknown chunks', async () => {
    const plain = await picture().png().toBuffer();
    const bare = Buffer.from(withoutExtraChunks(plain));
    const extra = [
      chunk('zTXt', compressed('text')),
      chunk('iTXt', Buffer.from('text\0\u0001\0\0\0', 'latin1')),
      chunk('tEXt', Buffer.from('a\0b')),
      chunk('iCCP', compressed('profile')),
      chunk('teSt', Buffer.alloc(3)),
    ];
    expect(withoutExtraChunks(withChunks(plain, ...extra)).length).toBe(bare.length);
    expect(Buffer.compare(withoutExtraChunks(withChunks(plain, ...extra)), bare)).toBe(0);
  });

  it('returns a file without such chunks unchanged', () => {
    const file = Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', Buffer.alloc(13)),
      chunk('PLTE', Buffer.alloc(3)),
      chunk('tRNS', Buffer.alloc(1)),
      chunk('eXIf', Buffer.alloc(9)),
      chunk('IDAT', Buffer.alloc(5)),
      chunk('IEND', Buffer.alloc(0)),
    ]);
    expect(withoutExtraChunks(file)).toBe(file);
  });

  it('keeps a chunk that is cut off, for the decoder to report', async () => {
    const file = withChunks(await picture().png().toBuffer(), chunk('zTXt', compressed('text')));
    for (const end of [8, 20, 33, 40, 60]) {
      expect(Buffer.compare(withoutExtraChunks(file.subarray(0, end)), file.subarray(0, end))).toBe(0);
    }
  });

  it('lets a picture be turned as its EXIF says', async () => {
    const turned = withChunks(
      await picture().withMetadata({ orientation: 6 }).png().toBuffer(),
      chunk('zTXt', compressed('text')),
    );
    const file = await readPicture(turned);
    expect([file.orientation, file.picture.width, file.picture.height]).toEqual([6, 2, 3]);
    expect([...file.picture.data.subarray(0, 8)]).toEqual([255, 255, 255, 255, 255, 0, 0, 255]);
  });

  it('lets transparency and palettes be read', async () => {
    const clear = { create: { width: 4, height: 4, channels: 4, background: { r: 9, g: 8, b: 7, alpha: 0 } } } as const;
    const palette = await sharp(clear).png({ palette: true }).toBuffer();
    expect((await readPicture(withChunks(palette, chunk('tEXt', Buffer.from('a\0b'))))).picture.data[3]).toBe(0);
  });
});

describe('readPicture of a PNG with compressed texts and profiles', () => {
  it('removes them before decoding', async () => {
    const bomb = deflateSync(Buffer.alloc(1e6, 'a'));
    const text = Buffer.concat([Buffer.from('text\0\0', 'latin1'), bomb]);
    const texts = Array.from({ length: 3 }, () => chunk('zTXt', text));
    // Interlaced, which is left to sharp at any size.
    const file = withChunks(await picture().png({ progressive: true }).toBuffer(), ...texts);
    const decode = jest.mocked(sharp).mockClear();
    const { picture: read } = await readPicture(file);
    expect([...read.data].filter((_, i) => i % 4 !== 3)).toEqual(RGB);
    expect(decode.mock.calls.length).toBeGreaterThan(0);
    for (const [bytes] of decode.mock.calls) {
      expect(bytes).toBeInstanceOf(Uint8Array);
      expect((bytes as Uint8Array).length).toBeLessThan(text.length);
    }
  });
});

describe('pngSize', () => {
  it('reads the size in the header', async () => {
    const file = await picture().png().toBuffer();
    expect(pngSize(file)).toEqual({ width: 3, height: 2 });
    expect(pngSize(file.subarray(0, 23))).toBeNull();
  });
});
