import type { Picture } from '../picture.ts';
import { type GreyPicture, mnistLikePixels, openPicture, sampleGrey, stretchContrast } from './grey-picture.ts';

function greyPicture(width: number, height: number, shade: (x: number, y: number) => number): Picture {
  const data = Uint8Array.from({ length: width * height }, (_, i) => shade(i % width, Math.floor(i / width)));
  return { data, width, height, channels: 1 };
}

function opened(picture: Picture): GreyPicture {
  const grey = openPicture(picture);
  if (typeof grey === 'string') throw new Error(grey);
  return grey;
}

describe('openPicture', () => {
  it('keeps a picture of up to 1280 pixels as it is, and reduces a larger one by a whole factor', () => {
    const small = opened(greyPicture(50, 40, (x) => x));
    expect([small.width, small.height, small.factor, small.plane.width, small.plane.height]).toEqual([
      50, 40, 1, 50, 40,
    ]);
    const large = opened(greyPicture(3000, 31, (x) => (x < 2 ? 10 : 20)));
    expect([large.width, large.height, large.factor, large.plane.width, large.plane.height]).toEqual([
      3000, 31, 2, 1500, 16,
    ]);
    expect([...large.plane.values.subarray(0, 2)]).toEqual([10, 20]);
  });

  it('says why a picture cannot be read', () => {
    expect(openPicture(greyPicture(3, 100, () => 0))).toBe('tooSmall');
    expect(openPicture({ data: new Uint8Array(400), width: 10, height: 10, channels: 4 })).toBe('blank');
  });

  it.each([
    [{ width: 0, height: 0 }, 'openPicture: picture must have a positive whole width and height, got 0x0'],
    [{ width: 5, height: 4 }, 'openPicture: picture.data must have 5x4x1 = 20 bytes, got 36'],
    [
      { width: 10_000, height: 10_000 },
      'openPicture: picture must have at most 50000000 pixels, got 10000x10000; scale it down first',
    ],
  ])('refuses a picture that is not what its fields say', (change, message) => {
    expect(() => openPicture({ ...greyPicture(6, 6, () => 0), ...change })).toThrow(new RangeError(message));
  });

  it('refuses a wrong number of channels', () => {
    const picture = { ...greyPicture(6, 6, () => 0), channels: 2 } as unknown as Picture;
    expect(() => openPicture(picture)).toThrow(
      new RangeError('openPicture: picture.channels must be 1 (grey), 3 (RGB) or 4 (RGBA), got 2'),
    );
  });
});

describe('sampleGrey', () => {
  it('averages by area if it shrinks, and stretches the contrast', () => {
    // Halves of a chessboard of 1 and 3 average to 2 on the left; the right is 100.
    const picture = opened(greyPicture(160, 80, (x, y) => (x < 80 ? 1 + 2 * ((x + y) % 2) : 100)));
    const image = sampleGrey(picture, { x: 0, y: 0, width: 160, height: 80 }, 80);
    expect([image.width, image.height]).toEqual([80, 40]);
    expect([image.pixels[0], image.pixels[79]]).toEqual([0, 255]);
    expect(new Set(image.pixels)).toEqual(new Set([0, 255]));
  });

  it('enlarges a small picture without dark borders', () => {
    const picture = opened(greyPicture(8, 8, (x, y) => (x === 3 && y > 1 && y < 6 ? 0 : 255)));
    const { width, height, pixels } = sampleGrey(picture, { x: 0, y: 0, width: 8, height: 8 }, 80);
    expect([width, height]).toEqual([80, 80]);
    // Pixel 3 covers columns 30 to 39.
    expect(pixels[40 * 80 + 34]).toBeLessThan(20);
    for (const i of [0, 79, 79 * 80, 80 * 80 - 1]) expect(pixels[i]).toBeGreaterThan(225);
  });

  it('cuts out a region, fractions included', () => {
    const picture = opened(greyPicture(4, 4, (x) => 50 * x));
    const region = { x: 1, y: 0, width: 2, height: 4 };
    const image = sampleGrey(picture, region, 4);
    expect([image.width, image.height]).toEqual([2, 4]);
    expect([...image.pixels.subarray(0, 2)]).toEqual([0, 255]);
    expect(image.region).toEqual(region);
  });
});

describe('stretchContrast', () => {
  const stretched = (values: number[]): number[] => [
    ...stretchContrast({ width: values.length, height: 1, values: Float32Array.from(values) }),
  ];

  it('maps the extremes of an image to black and white', () => {
    // By hand: from [100, 200] to [0, 255].
    const values = [100, 120, 150, 200];
    expect(stretched(values).map((value, i) => Math.abs(value - [0, 51, 128, 255][i]) <= 1)).toEqual(
      values.map(() => true),
    );
  });

  it('cuts off a thousandth at either end', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i < 5 ? 0 : i < 10 ? 255 : i % 2 === 0 ? 100 : 150));
    expect(new Set(stretched(values))).toEqual(new Set([0, 255]));
  });

  it('leaves faint differences faint: a gain of at most 8, about mid-grey', () => {
    const pixels = stretched([200, 202]);
    expect(Math.abs(pixels[0] - 119.5)).toBeLessThanOrEqual(1);
    expect(Math.abs(pixels[1] - 135.5)).toBeLessThanOrEqual(1);
    expect(stretched([7, 7])).toEqual([128, 128]);
  });
});

describe('mnistLikePixels', () => {
  const ring = Uint8Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    const isEdge = x === 4 || x === 23 || y === 4 || y === 23;
    return isEdge && x >= 4 && x <= 23 && y >= 4 && y <= 23 ? 255 : 0;
  });

  it('returns the pixels of an image that is like MNIST’s, as a copy', () => {
    const pixels = mnistLikePixels({ data: ring, width: 28, height: 28, channels: 1 });
    expect(pixels).toEqual(ring);
    expect(pixels).not.toBe(ring);
    const rgba = Uint8Array.from({ length: 784 * 4 }, (_, i) => (i % 4 === 3 ? 255 : ring[Math.floor(i / 4)]));
    expect(mnistLikePixels({ data: rgba, width: 28, height: 28, channels: 4 })).toEqual(ring);
  });

  it('returns null for any other picture', () => {
    const inverted = ring.map((value) => 255 - value);
    expect(mnistLikePixels({ data: inverted, width: 28, height: 28, channels: 1 })).toBeNull();
    expect(mnistLikePixels({ data: new Uint8Array(900), width: 30, height: 30, channels: 1 })).toBeNull();
    const coloured = Uint8Array.from({ length: 784 * 3 }, (_, i) => (i % 3 === 0 ? ring[i / 3] : 0));
    expect(mnistLikePixels({ data: coloured, width: 28, height: 28, channels: 3 })).toBeNull();
  });
});
