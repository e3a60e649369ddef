import fc from 'fast-check';
import { strokesToImage, strokesToPixels } from './strokes-to-image.ts';
import type { Stroke } from './stroke.ts';

const PEN = 2.5;
const VERTICAL: Stroke[] = [
  [
    [10, 0],
    [10, 100],
  ],
];

function imageOf(strokes: readonly Stroke[], options?: { penWidth: number }): Uint8Array {
  const { image } = strokesToImage(strokes, options);
  if (image === null) throw new Error('strokesToImage gave no image');
  return image;
}

function measure(image: Uint8Array): { mass: number; x: number; y: number; width: number; height: number } {
  let [mass, x, y] = [0, 0, 0];
  let [left, right, top, bottom] = [28, -1, 28, -1];
  image.forEach((value, i) => {
    const column = i % 28;
    const row = Math.floor(i / 28);
    mass += value / 255;
    x += (value / 255) * column;
    y += (value / 255) * row;
    if (value > 0) {
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
    }
  });
  return { mass, x: x / mass, y: y / mass, width: right - left + 1, height: bottom - top + 1 };
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
}

/** A spiral like a 6, sampled `count` times. */
function spiral(count: number): Stroke {
  return Array.from({ length: count }, (_, i) => {
    const t = i / (count - 1);
    return [100 + (120 - 90 * t) * Math.cos(8 * t), 200 + (150 - 110 * t) * Math.sin(8 * t)] as const;
  });
}

describe('strokesToImage', () => {
  it('draws a line as a bar of the pen’s width with round ends, 20 pixels long', () => {
    const { mass, height, width } = measure(imageOf(VERTICAL));
    const expected = PEN * (20 - PEN) + (Math.PI * PEN * PEN) / 4;
    expect(Math.abs(mass / expected - 1)).toBeLessThan(0.02);
    expect(height).toBe(20);
    expect(width).toBe(3);
  });

  it('draws a slanted line with the same ink a unit of length as an upright one', () => {
    const { mass } = measure(
      imageOf([
        [
          [0, 0],
          [70, 100],
        ],
      ]),
    );
    const length = (20 - PEN) * Math.hypot(0.7, 1);
    expect(Math.abs(mass / (PEN * length + (Math.PI * PEN * PEN) / 4) - 1)).toBeLessThan(0.03);
  });

  it('draws a dot as a disc of the pen’s width in the middle', () => {
    const { mass, x, y } = measure(imageOf([[[300, 7]]]));
    expect(Math.abs(mass - (Math.PI * PEN * PEN) / 4)).toBeLessThan(0.3);
    expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.5);
  });

  it('draws a small mark as large as a big one, unless it is smaller than the pen it was drawn with', () => {
    const small: Stroke[] = [
      [
        [0, 0],
        [0, 0.5],
      ],
    ];
    expect(imageOf(small)).toEqual(imageOf(VERTICAL));
    expect(measure(imageOf(small, { penWidth: 4 })).height).toBeLessThanOrEqual(4);
  });

  it('does not depend on where and how large the drawing is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 })), {
          minLength: 2,
          maxLength: 12,
        }),
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: -6, max: 6 }),
        (points, dx, dy, exponent) => {
          const moved = points.map(([x, y]) => [(x + dx) * 2 ** exponent, (y + dy) * 2 ** exponent] as const);
          expect(meanDifference(imageOf([moved]), imageOf([points]))).toBeLessThan(0.01);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('puts the centre of mass within half a pixel of (14, 14)', () => {
    const { x, y } = measure(imageOf([spiral(60)]));
    expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.5);
  });

  it('does not depend on the direction of a stroke', () => {
    expect(meanDifference(imageOf([spiral(40)]), imageOf([[...spiral(40)].reverse()]))).toBeLessThan(0.5);
  });

  it('draws nearly the same from few points as from many', () => {
    expect(meanDifference(imageOf([spiral(16)]), imageOf([spiral(200)]))).toBeLessThan(4);
    expect(meanDifference(imageOf([spiral(60)]), imageOf([spiral(200)]))).toBeLessThan(1);
  });

  it('smooths the steps of a coarse grid', () => {
    const stairs = Array.from({ length: 41 }, (_, i) => [Math.floor((i + 1) / 2), Math.floor(i / 2)] as const);
    const line: Stroke = [
      [0, 0],
      [1, 0.5],
      [19.5, 19],
      [20, 20],
    ];
    expect(meanDifference(imageOf([stairs]), imageOf([line]))).toBeLessThan(2);
  });

  it('keeps corners', () => {
    const image = imageOf([
      [
        [0, 0],
        [0, 100],
        [100, 100],
      ],
    ]);
    const brightest = (row: number): number => Math.max(...image.subarray(row * 28, row * 28 + 28));
    const { height, width } = measure(image);
    expect([width, height]).toEqual([20, 20]);
    const bottom =
      Array.from({ length: 28 }, (_, row) => row)
        .filter((row) => brightest(row) > 0)
        .at(-1) ?? 0;
    const left =
      Array.from({ length: 28 }, (_, column) => column).find((column) => image[(bottom - 5) * 28 + column] > 0) ?? 0;
    expect(image[(bottom - 1) * 28 + left + 1]).toBe(255);
    // A round pen of radius 1.25 about (1.25, 1.25) ends 0.19 pixels inside the middle of the corner pixel, which it covers in part.
    expect(image[bottom * 28 + left]).toBeGreaterThan(0);
  });

  it('takes pressure against its mean, so that an even one changes nothing', () => {
    const pressed: Stroke = [
      [10, 0, 0.3],
      [10, 100, 0.3],
    ];
    expect(imageOf([pressed])).toEqual(imageOf(VERTICAL));
  });

  it('draws a firm stroke wider than a light one', () => {
    const pair: Stroke[] = [
      [
        [0, 0, 0.2],
        [0, 100, 0.2],
      ],
      [
        [100, 0, 0.8],
        [100, 100, 0.8],
      ],
    ];
    const image = imageOf(pair);
    const row = Array.from(image.subarray(14 * 28, 15 * 28));
    const half = Math.floor(
      (row.findIndex((v) => v > 0) + row.length - 1 - [...row].reverse().findIndex((v) => v > 0)) / 2,
    );
    const inkOf = (part: number[]): number => part.reduce((sum, v) => sum + v, 0);
    expect(inkOf(row.slice(half))).toBeGreaterThan(1.2 * inkOf(row.slice(0, half)));
  });

  it('says where the digit is, in the unit of the strokes and without the width of the pen', () => {
    const strokes: Stroke[] = [
      [
        [10, 20],
        [40, 25],
      ],
      [[12, 90]],
    ];
    expect(strokesToImage(strokes, { penWidth: 6 }).box).toEqual({ x: 10, y: 20, width: 30, height: 70 });
  });

  it('gives a reason where nothing was drawn', () => {
    expect(strokesToImage([])).toEqual({ image: null, box: null, reason: 'blank', steps: [] });
    expect(strokesToImage([[]]).reason).toBe('blank');
  });

  it('shows the drawing and the image as steps', () => {
    const { steps } = strokesToImage(VERTICAL);
    expect(steps.map(({ name, width, height }) => [name, width, height])).toEqual([
      ['drawing', 18, 120],
      ['image', 28, 28],
    ]);
    for (const { pixels, width, height } of steps) expect(pixels).toHaveLength(width * height);
  });

  it('refuses points that are not finite and negative pens', () => {
    expect(() =>
      strokesToImage([
        [
          [0, 0],
          [1, NaN],
        ],
      ]),
    ).toThrow(new RangeError('strokesToImage: strokes[0][1] must be finite numbers, got [1, NaN]'));
    expect(() => strokesToImage(VERTICAL, { penWidth: -1 })).toThrow(
      new RangeError('strokesToImage: penWidth must be at least 0, got -1'),
    );
  });
});

describe('strokesToPixels', () => {
  it('gives the image that strokesToImage gives', () => {
    expect(strokesToPixels(VERTICAL)).toEqual(imageOf(VERTICAL));
  });

  it('refuses a blank drawing', () => {
    expect(() => strokesToPixels([[]])).toThrow(
      new Error('strokesToPixels: strokes must have ink, got a blank drawing'),
    );
  });
});
