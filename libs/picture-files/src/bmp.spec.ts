import { PictureFileError, readPicture } from './index.ts';

interface BmpParts {
  /** Width and height as the header has them. */
  readonly size: readonly [number, number];
  readonly bits: number;
  readonly compression?: number;
  /** Length of the information header; 40 if left out. */
  readonly headerBytes?: number;
  /** 32-bit masks, inside the header if it is long enough. */
  readonly masks?: readonly number[];
  /** Bytes of the colour table, blue first. */
  readonly palette?: readonly number[];
  readonly pixels: readonly number[];
}

/** Puts a BMP file together by the specification. */
function bmp({
  size,
  bits,
  compression = 0,
  headerBytes = 40,
  masks = [],
  palette = [],
  pixels,
}: BmpParts): Uint8Array {
  const head = Math.max(14 + headerBytes, masks.length === 0 ? 0 : 54 + masks.length * 4);
  const bytes = Uint8Array.from([...new Array<number>(head).fill(0), ...palette, ...pixels]);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, head + palette.length, true);
  view.setUint32(14, headerBytes, true);
  if (headerBytes === 12) {
    [size[0], size[1], 1, bits].forEach((value, i) => {
      view.setUint16(18 + i * 2, value, true);
    });
    return bytes;
  }
  view.setInt32(18, size[0], true);
  view.setInt32(22, size[1], true);
  view.setUint16(26, 1, true);
  view.setUint16(28, bits, true);
  if (headerBytes < 40) return bytes;
  view.setUint32(30, compression, true);
  if (bits <= 8) view.setUint32(46, palette.length / 4, true);
  masks.forEach((mask, i) => {
    view.setUint32(54 + i * 4, mask, true);
  });
  return bytes;
}

const WHITE = [255, 255, 255, 0];
const BLACK = [0, 0, 0, 0];
/** Blue first: white, black, red, (40, 30, 20). */
const PALETTE = [WHITE, BLACK, [0, 0, 255, 0], [20, 30, 40, 0]].flat();

/** Rows of a palette picture as text: `.` white, `#` black, `r` red, `b` (40, 30, 20). */
function rowsOf({ data, width }: { readonly data: ArrayLike<number>; readonly width: number }): string[] {
  const names: Record<string, string> = {
    '255,255,255,255': '.',
    '0,0,0,255': '#',
    '255,0,0,255': 'r',
    '40,30,20,255': 'b',
  };
  const pixels = Array.from(
    { length: data.length / 4 },
    (_, i) =>
      names[
        Array.from(data)
          .slice(i * 4, i * 4 + 4)
          .join()
      ] ?? '?',
  );
  return Array.from({ length: pixels.length / width }, (_, y) => pixels.slice(y * width, (y + 1) * width).join(''));
}

async function rows(bytes: Uint8Array): Promise<string[]> {
  return rowsOf((await readPicture(bytes)).picture);
}

async function pixels(bytes: Uint8Array): Promise<number[]> {
  return [...(await readPicture(bytes)).picture.data];
}

async function refusal(bytes: Uint8Array): Promise<PictureFileError> {
  const outcome = await readPicture(bytes).catch((error: unknown) => error);
  if (!(outcome instanceof PictureFileError)) throw new Error('readPicture did not refuse the file');
  return outcome;
}

/** 3x2: red, green, blue; white, grey, black. 24 bits a pixel, rows padded to 4 bytes. */
const COLOURS: BmpParts = {
  size: [3, 2],
  bits: 24,
  pixels: [255, 255, 255, 128, 128, 128, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0],
};
const COLOURS_RGBA = [
  [255, 0, 0, 255],
  [0, 255, 0, 255],
  [0, 0, 255, 255],
  [255, 255, 255, 255],
  [128, 128, 128, 255],
  [0, 0, 0, 255],
].flat();

/** 11x2: `#.#######.#` above `..........#`, index 0 white and 1 black. */
const ONE_BIT: BmpParts = {
  size: [11, 2],
  bits: 1,
  palette: [...WHITE, ...BLACK],
  pixels: [0b00000000, 0b00100000, 0, 0, 0b10111111, 0b10100000, 0, 0],
};
const ONE_BIT_ROWS = ['#.#######.#', '..........#'];

describe('readPicture of a BMP', () => {
  it('reads 24 bits a pixel', async () => {
    const bytes = bmp(COLOURS);
    const { picture, ...facts } = await readPicture(bytes);
    expect(facts).toMatchObject({ format: 'bmp', numBytes: 78, numFrames: 1, frame: 0, orientation: 1 });
    expect([facts.fullWidth, facts.fullHeight]).toEqual([picture.width, picture.height]);
    expect([picture.width, picture.height]).toEqual([3, 2]);
    expect([...picture.data]).toEqual(COLOURS_RGBA);
  });

  it('reads rows that run from the top', async () => {
    const upper = [0, 0, 255, 0];
    const lower = [255, 0, 0, 0];
    expect(await pixels(bmp({ size: [1, -2], bits: 24, pixels: [...upper, ...lower] }))).toEqual([
      255, 0, 0, 255, 0, 0, 255, 255,
    ]);
    expect(await rows(bmp({ ...ONE_BIT, size: [11, -2] }))).toEqual([...ONE_BIT_ROWS].reverse());
  });

  it('reads 1, 4 and 8 bits a pixel', async () => {
    expect(await rows(bmp(ONE_BIT))).toEqual(ONE_BIT_ROWS);
    expect(
      await rows(bmp({ size: [3, 2], bits: 4, palette: PALETTE, pixels: [0x01, 0x20, 0, 0, 0x31, 0x10, 0, 0] })),
    ).toEqual(['b##', '.#r']);
    expect(await rows(bmp({ size: [3, 2], bits: 8, palette: PALETTE, pixels: [0, 1, 2, 0, 3, 1, 1, 0] }))).toEqual([
      'b##',
      '.#r',
    ]);
  });

  it('takes indices beyond the palette for black', async () => {
    expect(await rows(bmp({ size: [3, 1], bits: 8, palette: PALETTE, pixels: [0, 4, 255, 0] }))).toEqual(['.##']);
  });

  // Image.new('1', (11, 3), 1) with pixels (0, 0), (8, 0), (10, 1), (3, 2), (9, 2) set to 0, and Image.new('P', (3, 2)) with
  // palette [255, 255, 255, 255, 0, 0, 0, 0, 0, 40, 30, 20] and data [0, 1, 2, 3, 0, 1]; Pillow 13.0.0, save(..., 'BMP').
  it.each([
    [
      '1',
      'Qk1KAAAAAAAAAD4AAAAoAAAACwAAAAMAAAABAAEAAAAAAAwAAADEDgAAxA4AAAIAAAACAAAAAAAAAP///wDvoAAA/8AAAH9gAAA=',
      ['#.......#..', '..........#', '...#.....#.'],
    ],
    [
      '8',
      'Qk1OAAAAAAAAAEYAAAAoAAAAAwAAAAIAAAABAAgAAAAAAAgAAADEDgAAxA4AAAQAAAAEAAAA////AAAA/wAAAAAAFB4oAAMAAQAAAQIA',
      ['.r#', 'b.r'],
    ],
  ])('reads %s bits a pixel as Pillow writes them', async (_, base64, expected) => {
    expect(await rows(Buffer.from(base64, 'base64'))).toEqual(expected);
  });

  it('reads RLE8: runs, literal bytes, skips, ends of rows and of the picture', async () => {
    const pixels = [
      [4, 1, 1, 2, 0, 0], // Bottom row: four black, one red, end of row.
      [0, 3, 2, 1, 3, 0, 0, 2, 1, 1], // Three literal bytes and their padding; one column to the right and one row up.
      [1, 1, 0, 0], // The fifth column of the third row, end of row.
      [5, 3, 0, 1],
    ];
    const bytes = bmp({ size: [5, 4], bits: 8, compression: 1, palette: PALETTE, pixels: pixels.flat() });
    expect(await rows(bytes)).toEqual(['bbbbb', '....#', 'r#b..', '####r']);
  });

  it('reads RLE4: runs, literal bytes, skips, ends of rows and of the picture', async () => {
    const pixels = [
      [5, 0x12, 0, 0], // Bottom row: black and red by turns.
      [0, 5, 0x21, 0x30, 0x10, 0], // Five literal half bytes, padded to two bytes twice.
      [0, 0, 2, 0x33, 0, 2, 1, 1, 1, 0x10], // Two at the left; one column to the right and one row up, then one black.
      [0, 1],
    ];
    const bytes = bmp({ size: [5, 4], bits: 4, compression: 2, palette: PALETTE, pixels: pixels.flat() });
    expect(await rows(bytes)).toEqual(['...#.', 'bb...', 'r#b.#', '#r#r#']);
  });

  it('reads runs that cover the padding of rows, and runs without the mark of their end', async () => {
    const parts = { size: [3, 2], bits: 8, compression: 1, palette: PALETTE } as const;
    expect(await rows(bmp({ ...parts, pixels: [4, 1, 0, 0, 3, 2, 1, 0, 0, 0, 0, 1] }))).toEqual(['rrr', '###']);
    expect(await rows(bmp({ ...parts, pixels: [3, 1, 0, 0, 3, 2] }))).toEqual(['rrr', '###']);
  });

  it('reads 16 bits a pixel: 5 bits a channel, or as the masks say', async () => {
    // Red 31, green 16, blue 1 of 31: 255, 131.6, 8.2.
    const plain = bmp({ size: [1, 1], bits: 16, pixels: [0x01, 0x7e, 0, 0] });
    expect(await pixels(plain)).toEqual([255, 132, 8, 255]);
    // Red 1 of 31, green 32 of 63, blue 31 of 31: 8.2, 129.5, 255.
    const masks = [0xf800, 0x07e0, 0x001f];
    const wide = bmp({ size: [1, 1], bits: 16, compression: 3, masks, pixels: [0x1f, 0x0c, 0, 0] });
    expect(await pixels(wide)).toEqual([8, 130, 255, 255]);
    // 4 bits a channel, alpha first: 8, 15, 1, 0 of 15.
    const withAlpha = {
      size: [1, 1],
      bits: 16,
      masks: [0x0f00, 0x00f0, 0x000f, 0xf000],
      pixels: [0x10, 0x8f, 0, 0],
    } as const;
    expect(await pixels(bmp({ ...withAlpha, compression: 6 }))).toEqual([255, 17, 0, 136]);
    expect(await pixels(bmp({ ...withAlpha, compression: 3, headerBytes: 124 }))).toEqual([255, 17, 0, 136]);
  });

  it('reads 32 bits a pixel whose masks are not those of whole bytes', async () => {
    // 10 bits a channel, red lowest: 1023, 512, 4: 255, 127.6, 0.997.
    const pixel = 1023 + 512 * 2 ** 10 + 4 * 2 ** 20;
    const bytes = bmp({
      size: [1, 1],
      bits: 32,
      compression: 3,
      masks: [0x3ff, 0xffc00, 0x3ff00000],
      pixels: [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255, pixel >>> 24],
    });
    expect(await pixels(bytes)).toEqual([255, 128, 1, 255]);
  });

  it('keeps alpha that the header has room for, and takes none at all for opaque', async () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000];
    const parts = { size: [2, 1], bits: 32, compression: 3, headerBytes: 108, masks } as const;
    const seeThrough = bmp({ ...parts, pixels: [30, 20, 10, 0, 60, 50, 40, 128] });
    expect(await pixels(seeThrough)).toEqual([10, 20, 30, 0, 40, 50, 60, 128]);
    const unset = bmp({ ...parts, pixels: [30, 20, 10, 0, 60, 50, 40, 0] });
    expect(await pixels(unset)).toEqual([10, 20, 30, 255, 40, 50, 60, 255]);
  });

  it('takes the fourth byte of a plain BMP for padding', async () => {
    const bytes = bmp({ size: [2, 1], bits: 32, pixels: [30, 20, 10, 0, 60, 50, 40, 128] });
    expect(await pixels(bytes)).toEqual([10, 20, 30, 255, 40, 50, 60, 255]);
  });

  it('reads the headers of OS/2', async () => {
    const palette = [255, 255, 255, 0, 0, 0];
    expect(await rows(bmp({ ...ONE_BIT, headerBytes: 12, palette }))).toEqual(ONE_BIT_ROWS);
    expect(await pixels(bmp({ ...COLOURS, headerBytes: 12 }))).toEqual(COLOURS_RGBA);
    expect(await rows(bmp({ ...ONE_BIT, headerBytes: 16 }))).toEqual(ONE_BIT_ROWS);
    expect(await rows(bmp({ ...ONE_BIT, headerBytes: 64 }))).toEqual(ONE_BIT_ROWS);
  });

  it('reads a BMP whose header does not say where the pixels are', async () => {
    const bytes = bmp(ONE_BIT);
    new DataView(bytes.buffer).setUint32(10, 0, true);
    expect(await rows(bytes)).toEqual(ONE_BIT_ROWS);
  });

  it('reads a BMP whose last row has no padding', async () => {
    const bytes = bmp(COLOURS);
    expect(await pixels(bytes.subarray(0, bytes.length - 3))).toEqual(COLOURS_RGBA);
  });

  const rle = (bits: 4 | 8, pixels: readonly number[]): Uint8Array =>
    bmp({ size: [4, 2], bits, compression: bits === 8 ? 1 : 2, palette: PALETTE, pixels });
  const damaged: [string, Uint8Array, string][] = [
    ['no columns', bmp({ ...COLOURS, size: [0, 2] }), 'a BMP must have a positive size, got 0x2'],
    ['no rows', bmp({ ...COLOURS, size: [3, 0] }), 'a BMP must have a positive size, got 3x0'],
    ['an unknown depth', bmp({ ...COLOURS, bits: 7 }), 'must have 1, 4, 8, 16, 24, 32 bits a pixel, got 7'],
    [
      'an unknown header',
      bmp({ ...COLOURS, headerBytes: 41 }),
      'a header of 12, 16, 40, 52, 56, 64, 108, 124 bytes, got 41',
    ],
    ['no header', bmp(COLOURS).subarray(0, 20), 'must have at least 26 bytes, got 20'],
    ['half a header', bmp(COLOURS).subarray(0, 40), 'must have at least 54 bytes, got 40'],
    ['text', Buffer.from('BMW is a maker of cars in Munich'), 'a BMP must have a header of'],
    ['no palette', bmp({ ...ONE_BIT, palette: [] }), 'a BMP must have a palette, got none'],
    [
      'missing pixels',
      bmp(COLOURS).subarray(0, 60),
      'the BMP file must be whole, got a damaged one (the pixels need 21',
    ],
    ['pixels beyond the file', bmp({ ...COLOURS, size: [2000, 2000] }), 'the pixels need 12000000 bytes and have 24'],
    ['runs that are too wide', rle(8, [5, 1, 0, 1]), 'a run leaves the picture at row 0, column 0'],
    ['too many runs', rle(8, [2, 1, 3, 1, 0, 1]), 'a run leaves the picture at row 0, column 2'],
    ['too many rows', rle(8, [4, 1, 0, 0, 4, 1, 0, 0, 1, 1, 0, 1]), 'a run leaves the picture at row 2, column 0'],
    ['literal bytes that are too wide', rle(8, [0, 5, 1, 1, 1, 1, 1, 0, 0, 1]), 'a run leaves the picture'],
    ['half bytes that are too wide', rle(4, [0, 9, 1, 1, 1, 1, 1, 0, 0, 1]), 'a run leaves the picture'],
    [
      'a skip out of the picture',
      rle(4, [0, 2, 200, 200, 4, 1, 0, 1]),
      'a run leaves the picture at row 200, column 200',
    ],
    ['runs that are cut off', rle(8, [4, 1, 0, 0, 3, 1]), 'the runs end at row 1 of 2, column 3 of 4'],
    ['literal bytes that are cut off', rle(8, [4, 1, 0, 0, 0, 4, 1]), 'the runs end at row 1 of 2, column 0 of 4'],
    ['a skip that is cut off', rle(8, [0, 2, 1]), 'the runs end at row 0 of 2'],
  ];
  it.each(damaged)('refuses %s as damaged', async (_, bytes, text) => {
    const error = await refusal(bytes);
    expect(error.code).toBe('DAMAGED');
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('\n');
  });

  it.each([
    ['JPEG', { ...COLOURS, compression: 4 }, 'got compression 4 at 24 bits a pixel (header of 40 bytes); save'],
    ['RLE8 at 4 bits', { ...ONE_BIT, bits: 4, compression: 1 }, 'got compression 1 at 4 bits'],
    [
      'OS/2 Huffman',
      { ...ONE_BIT, headerBytes: 64, compression: 3 },
      'got compression 3 at 1 bits a pixel (header of 64',
    ],
  ] as [string, BmpParts, string][])('refuses pixels compressed as %s', async (_, parts, text) => {
    const error = await refusal(bmp(parts));
    expect(error.code).toBe('UNSUPPORTED_FORMAT');
    expect(error.message).toContain('readPicture: a BMP must be uncompressed, RLE4, RLE8 or have bit fields, got ');
    expect(error.message).toContain(text);
  });

  it('counts the declared pixels before it decodes', async () => {
    for (const parts of [COLOURS, { ...ONE_BIT, bits: 8, compression: 1 }]) {
      const error = await refusal(bmp({ ...parts, size: [2_000_000_000, 2] }));
      expect(error.code).toBe('TOO_LARGE');
      expect(error.message).toBe(
        'readPicture: the picture must have at most 50000000 pixels, got 2000000000x2; scale it down first',
      );
    }
  });

  it('refuses or reads every shorter part of a file', async () => {
    const runs8 = [4, 1, 0, 0, 0, 3, 1, 2, 3, 0, 0, 2, 1, 0, 0, 1];
    const runs4 = [4, 0x12, 0, 0, 0, 3, 0x12, 0x30, 0, 2, 1, 0, 0, 1];
    for (const whole of [bmp(COLOURS), bmp(ONE_BIT), rle(8, runs8), rle(4, runs4)]) {
      for (let length = 2; length < whole.length; length++) {
        const outcome = await readPicture(whole.subarray(0, length)).catch((error: unknown) => error);
        if (outcome instanceof PictureFileError) expect(outcome.code).toBe('DAMAGED');
        // Only the padding of the last row, or the mark of the end, may be missing.
        else expect(length).toBeGreaterThanOrEqual(whole.length - 3);
      }
    }
  });
});
