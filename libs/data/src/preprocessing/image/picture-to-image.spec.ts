import fc from 'fast-check';
import { strokesToImage } from '../drawing/strokes-to-image.ts';
import type { Stroke } from '../drawing/stroke.ts';
import { paintPicture, paintStrokes, type Scene } from './painted-pictures.fixture.ts';
import type { Picture } from '../picture.ts';
import { pictureToImage } from './picture-to-image.ts';

/** Digits as strokes in [0, 1]: a 2, a 4 in two strokes, a 7 with its bar. */
const DIGITS: Readonly<Record<string, readonly Stroke[]>> = {
  two: [
    [
      [0.1, 0.2],
      [0.3, 0],
      [0.6, 0.1],
      [0.6, 0.35],
      [0.05, 0.95],
      [0.1, 1],
      [0.7, 0.97],
    ],
  ],
  four: [
    [
      [0.35, 0],
      [0, 0.6],
      [0.65, 0.6],
    ],
    [
      [0.5, 0.3],
      [0.5, 1],
    ],
  ],
  seven: [
    [
      [0, 0.03],
      [0.6, 0],
      [0.2, 1],
    ],
    [
      [0.1, 0.5],
      [0.55, 0.5],
    ],
  ],
};

function imageOf(picture: Picture): Uint8Array {
  const { image, reason } = pictureToImage(picture);
  if (image === null) throw new Error(`pictureToImage gave no image: ${reason}`);
  return image;
}

/** Cosine of the angle between two images as vectors: 1 for the same picture. */
function likeness(a: Uint8Array, b: Uint8Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += value * b[i];
    aa += value * value;
    bb += b[i] * b[i];
  });
  return ab / Math.sqrt(aa * bb);
}

/** The likeness where it is greatest: a centre of mass between two pixels goes to either. */
function likenessOfShape(a: Uint8Array, b: Uint8Array): number {
  const moves = [0, 1, -1, 28, -28, 29, -29, 27, -27];
  return Math.max(
    ...moves.map((by) =>
      likeness(
        a,
        Uint8Array.from(b, (_, i) => b[i + by] ?? 0),
      ),
    ),
  );
}

/** What the strokes alone give: the picture path must come to nearly the same. */
function expected(digit: string): Uint8Array {
  const { image } = strokesToImage(DIGITS[digit]);
  if (image === null) throw new Error('strokesToImage gave no image');
  return image;
}

const SCENES: Readonly<Record<string, Scene>> = {
  'black on white': {},
  'white on black': { paper: [0, 0, 0], ink: [255, 255, 255] },
  'blue on cream': { paper: [235, 225, 200], ink: [40, 60, 160] },
  'yellow on white': { ink: [240, 220, 60] },
  'red on green of the same lightness': { paper: [60, 150, 60], ink: [190, 60, 60] },
  'faint pencil': { paper: [225, 223, 218], ink: [180, 178, 174], noise: 3 },
  'a shadow gradient': { shadow: 0.6 },
  'a hard shadow': { hardShadow: 0.6 },
  noise: { noise: 25 },
  'ruled paper': { ruled: 30, width: 240, height: 240 },
  'squared paper': { squared: 24, width: 240, height: 240 },
  'a corner of a large sheet': { width: 600, height: 500, x: 430, y: 370 },
  'a tight crop': { width: 78, height: 102, x: 1, y: 1 },
  'a thick pen': { penWidth: 22 },
  'a thin pen': { penWidth: 2 },
  'a small picture': { size: 16, width: 28, height: 28, x: 6, y: 6, penWidth: 2 },
  'a large picture': { size: 400, width: 600, height: 500, x: 100, y: 50, penWidth: 40 },
};

describe('pictureToImage', () => {
  it('says where the digit is, in pixels of the picture', () => {
    const data = new Uint8Array(400 * 300).fill(240);
    for (let y = 60; y < 240; y++) data.fill(20, y * 400 + 190, y * 400 + 210);
    const { box } = pictureToImage({ data, width: 400, height: 300, channels: 1 });

    // A working pixel is 2 by 2 pixels of the picture here, and the soft edge may take one more.
    expect(Math.abs((box?.x ?? 0) - 190)).toBeLessThanOrEqual(2);
    expect(Math.abs((box?.y ?? 0) - 60)).toBeLessThanOrEqual(2);
    expect(Math.abs((box?.width ?? 0) - 20)).toBeLessThanOrEqual(4);
    expect(Math.abs((box?.height ?? 0) - 180)).toBeLessThanOrEqual(4);
  });

  it('gives the whole picture as the place of a digit that needs no preparation', () => {
    const bar = strokesToImage([
      [
        [0, 0],
        [0, 100],
      ],
    ]).image;
    expect(pictureToImage({ data: bar ?? new Uint8Array(), width: 28, height: 28, channels: 1 }).box).toEqual({
      x: 0,
      y: 0,
      width: 28,
      height: 28,
    });
  });

  describe.each(Object.keys(DIGITS))('reads a %s as the strokes alone give it', (digit) => {
    it.each(Object.keys(SCENES))('from %s', (scene) => {
      const picture = paintStrokes(DIGITS[digit], SCENES[scene]);
      // Strokes are rounded where they are drawn, and not where they are painted; a thick pen keeps some of its thickness.
      expect(likenessOfShape(imageOf(picture), expected(digit))).toBeGreaterThan(scene === 'a thick pen' ? 0.83 : 0.87);
    });
  });

  it('does not depend on where the digit stands', () => {
    const reference = imageOf(paintStrokes(DIGITS.four, { x: 40, y: 40 }));
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 90 }), fc.integer({ min: 5, max: 58 }), (x, y) => {
        expect(likeness(imageOf(paintStrokes(DIGITS.four, { x, y })), reference)).toBeGreaterThan(0.97);
      }),
      { numRuns: 10 },
    );
  });

  it('gives the same for a picture and its negative', () => {
    const picture = paintStrokes(DIGITS.two, {});
    const negative = { ...picture, data: picture.data.map((value, i) => (i % 4 === 3 ? value : 255 - value)) };
    expect(imageOf(negative)).toEqual(imageOf(picture));
  });

  it('gives the same for grey, RGB and RGBA', () => {
    const rgba = paintStrokes(DIGITS.two, {});
    const pick = (keep: (channel: number) => boolean): Uint8Array =>
      rgba.data.filter((_, i) => keep(i % 4)) as Uint8Array;
    const image = imageOf(rgba);
    expect(imageOf({ ...rgba, data: pick((c) => c < 3), channels: 3 })).toEqual(image);
    expect(likeness(imageOf({ ...rgba, data: pick((c) => c === 0), channels: 1 }), image)).toBeGreaterThan(0.9999);
  });

  it('reads ink on a transparent ground', () => {
    const opaque = paintStrokes(DIGITS.seven, {});
    for (const ink of [0, 255]) {
      const data = opaque.data.map((_, i) => (i % 4 === 3 ? 255 - opaque.data[i - 1] : ink));
      expect(likeness(imageOf({ ...opaque, data }), imageOf(opaque))).toBeGreaterThan(0.999);
    }
  });

  it('puts the ink in a 20x20 box, its centre of mass within half a pixel of (14, 14)', () => {
    const image = imageOf(paintStrokes(DIGITS.seven, {}));
    const inked = Array.from(image.keys()).filter((i) => image[i] > 0);
    const mass = inked.reduce((sum, i) => sum + image[i], 0);
    const rows = inked.map((i) => Math.floor(i / 28));
    expect(Math.max(...rows) - Math.min(...rows) + 1).toBe(20);
    expect(Math.abs(inked.reduce((sum, i) => sum + image[i] * (i % 28), 0) / mass - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(inked.reduce((sum, i) => sum + image[i] * Math.floor(i / 28), 0) / mass - 14)).toBeLessThanOrEqual(
      0.5,
    );
  });

  it('returns an image that is like MNIST’s unchanged, as a copy', () => {
    const mnist = expected('four');
    const { image, steps } = pictureToImage({ data: mnist, width: 28, height: 28, channels: 1 });
    expect(image).toEqual(mnist);
    expect(image).not.toBe(mnist);
    expect(steps.map(({ name }) => name)).toEqual(['image']);
    const rgba = Uint8Array.from({ length: 784 * 4 }, (_, i) => (i % 4 === 3 ? 255 : mnist[Math.floor(i / 4)]));
    expect(pictureToImage({ data: rgba, width: 28, height: 28, channels: 4 }).image).toEqual(mnist);
  });

  it('leaves out specks and keeps the pieces of a broken digit', () => {
    const broken: Stroke[] = [
      ...DIGITS.four,
      [
        [1.3, 0.1],
        [1.3, 0.1],
      ],
    ];
    const scene = { penWidth: 6 };
    expect(likeness(imageOf(paintStrokes(broken, scene)), imageOf(paintStrokes(DIGITS.four, scene)))).toBeGreaterThan(
      0.99,
    );
    const bar: Stroke[] = [
      [
        [0.1, 0.1],
        [0.08, 0.45],
        [0.5, 0.5],
        [0.5, 0.9],
        [0, 1],
      ],
    ];
    const withBar: Stroke[] = [
      ...bar,
      [
        [0.25, 0],
        [0.65, 0],
      ],
    ];
    const { image } = strokesToImage(withBar);
    expect(likeness(imageOf(paintStrokes(withBar, scene)), image ?? new Uint8Array(784))).toBeGreaterThan(0.93);
  });

  it('names its steps', () => {
    const { steps } = pictureToImage(paintStrokes(DIGITS.two, {}));
    expect(steps.map(({ name }) => name)).toEqual(['grey', 'contrast', 'ink', 'kept', 'digit', 'image']);
    for (const { pixels, width, height } of steps) expect(pixels).toHaveLength(width * height);
  });

  const noDigit: [string, Picture, string][] = [
    ['one pixel', { data: Uint8Array.of(7), width: 1, height: 1, channels: 1 }, 'tooSmall'],
    ['100,000 x 1 pixels', paintPicture(100_000, 1, (x) => x % 256), 'tooSmall'],
    ['a strip that shrinks to two columns', paintPicture(4, 100_000, (_, y) => 200 + (y % 7)), 'blank'],
    ['a screen of dots', paintPicture(400, 400, (x, y) => (x % 16 < 3 && y % 16 < 3 ? 0 : 255)), 'notWriting'],
    ['all white', paintPicture(50, 40, () => 255), 'blank'],
    ['all black', paintPicture(50, 40, () => 0), 'blank'],
    ['a gradient', paintPicture(200, 150, (x, y) => 240 - 0.6 * x - 0.4 * y), 'blank'],
    ['ruled paper', paintPicture(300, 300, (_, y) => (y % 30 === 0 ? 170 : 245)), 'blank'],
    ['squared paper', paintPicture(300, 300, (x, y) => (x % 30 === 0 || y % 30 === 0 ? 170 : 245)), 'blank'],
    ['even noise', paintPicture(200, 200, (x, y) => Math.imul(x * 7919 + y * 104_729, 2_654_435_761) >>> 24), 'blank'],
    ['a chessboard', paintPicture(160, 160, (x, y) => (((x >> 3) + (y >> 3)) % 2 ? 220 : 60)), 'notWriting'],
    ['stripes', paintPicture(200, 200, (_, y) => ((y >> 4) % 2 ? 220 : 60)), 'notWriting'],
    ['a disc', paintPicture(100, 100, (x, y) => ((x - 50) ** 2 + (y - 50) ** 2 < 200 ? 0 : 255)), 'notWriting'],
  ];
  it.each(noDigit)('gives a reason instead of a digit for %s', (_, picture, reason) => {
    expect(pictureToImage(picture)).toMatchObject({ image: null, reason });
  });

  it('gives a reason instead of a digit where all is transparent', () => {
    expect(pictureToImage({ data: new Uint8Array(400), width: 10, height: 10, channels: 4 }).reason).toBe('blank');
  });

  it.each([
    [
      { data: new Uint8Array(0), width: 0, height: 0, channels: 1 },
      'pictureToImage: picture must have a positive whole width and height, got 0x0',
    ],
    [
      { data: new Uint8Array(5), width: 2, height: 2, channels: 1 },
      'pictureToImage: picture.data must have 2x2x1 = 4 bytes, got 5',
    ],
    [
      { data: new Uint8Array(8), width: 2, height: 2, channels: 2 },
      'pictureToImage: picture.channels must be 1 (grey), 3 (RGB) or 4 (RGBA), got 2',
    ],
    [
      { data: new Uint8Array(0), width: 10_000, height: 10_000, channels: 4 },
      'pictureToImage: picture must have at most 50000000 pixels, got 10000x10000; scale it down first',
    ],
  ])('refuses a picture that is not what its fields say', (picture, message) => {
    expect(() => pictureToImage(picture as Picture)).toThrow(new RangeError(message));
  });
});
