import type { Stroke } from '../drawing/stroke.ts';
import { inkToDigit } from './ink-to-digit.ts';
import { inkToDigits } from './ink-to-digits.ts';
import { planesOf } from './ink-planes.fixture.ts';

/** Strokes in a unit of which the pictures have 300: a digit is 0.15 high. */
const at = (strokes: readonly Stroke[], dx: number, dy: number): Stroke[] =>
  strokes.map((stroke) => stroke.map(([x, y]) => [x + dx, y + dy] as const));
const ONE: Stroke[] = [
  [
    [0, 0],
    [0, 0.15],
  ],
];
const ZERO: Stroke[] = [
  Array.from({ length: 25 }, (_, i) => {
    const angle = (i * Math.PI) / 12;
    return [0.045 + 0.045 * Math.sin(angle), 0.075 - 0.075 * Math.cos(angle)] as const;
  }),
];
/** Its bar does not touch the rest. */
const FIVE: Stroke[] = [
  [
    [0.01, 0.03],
    [0.01, 0.07],
    [0.06, 0.08],
    [0.06, 0.13],
    [0, 0.15],
  ],
  [
    [0.03, 0],
    [0.09, 0],
  ],
];
const SLASH: Stroke[] = [
  [
    [0.03, 0.1],
    [0.06, 0.05],
  ],
];
const DOT: Stroke[] = [[[0, 0]]];
const SHEET = { width: 300, height: 300, x: 0, y: 0, size: 300, penWidth: 5 };

/** Reads digits by their height and the number of columns that have ink: 0 is wide, 1 is narrow, anything else is unknown. */
function classifyByWidth(images: Uint8Array): Float32Array {
  const probabilities = new Float32Array((images.length / 784) * 10).fill(0.01);
  for (let n = 0; n < images.length / 784; n++) {
    const columns = new Set<number>();
    for (let i = 0; i < 784; i++) if (images[n * 784 + i] > 100) columns.add(i % 28);
    if (columns.size <= 5) probabilities[n * 10 + 1] = 0.9;
    if (columns.size >= 10 && columns.size <= 15) probabilities[n * 10] = 0.9;
  }
  return probabilities;
}

/** Recognises a 0 in the middle of the image, with anything beside it: by its sides and the paper in it, along the middle row. */
function classifyMiddle(images: Uint8Array): Float32Array {
  const probabilities = new Float32Array((images.length / 784) * 10).fill(0.01);
  for (let n = 0; n < images.length / 784; n++) {
    const row = images.subarray(n * 784 + 14 * 28, n * 784 + 15 * 28);
    const hasInk = (from: number, to: number): boolean => row.subarray(from, to + 1).some((value) => value > 100);
    if (hasInk(5, 10) && !hasInk(12, 15) && hasInk(16, 22)) probabilities[n * 10] = 0.9;
  }
  return probabilities;
}

describe('inkToDigits', () => {
  it('asks about the pieces of a wide shape only if the whole shape is not clearly one digit', async () => {
    const planes = planesOf([...at(ZERO, 0.4, 0.4), ...at(ZERO, 0.505, 0.4)], SHEET);
    const numAskedIf = async (confidence: number): Promise<number> => {
      let numAsked = 0;
      const { digits } = await inkToDigits(planes, {
        classify: (images) => {
          numAsked += images.length / 784;
          return new Float32Array(images.length / 784).fill(confidence);
        },
      });
      expect(digits.length).toBeGreaterThan(0);
      return numAsked;
    };
    expect(await numAskedIf(0.99)).toBeLessThan(await numAskedIf(0.5));
  });

  it('reads rows from the top and each from the left, with boxes in the planes’ pixels', async () => {
    const planes = planesOf(
      [
        ...at(ONE, 0.8, 0.1),
        ...at(ZERO, 0.5, 0.12),
        ...at(ZERO, 0.1, 0.6),
        ...at(ONE, 0.2, 0.1),
        ...at(ONE, 0.4, 0.62),
      ],
      SHEET,
    );
    const { digits, reason } = await inkToDigits(planes);
    expect(reason).toBeNull();
    expect(digits.map(({ row }) => row)).toEqual([0, 0, 0, 1, 1]);
    // 300 - 5 pixels for 1, and half the pen: 0.2 is at 61.5, 0.1 at 32; the pen adds 2.5 on every side.
    const { x, y, width, height } = digits[0].box;
    expect(Math.abs(x - 59)).toBeLessThanOrEqual(2);
    expect(Math.abs(y - 29.5)).toBeLessThanOrEqual(2);
    expect(Math.abs(width - 5)).toBeLessThanOrEqual(3);
    expect(Math.abs(height - 49.25)).toBeLessThanOrEqual(3);
    expect(digits[1].box.x).toBeGreaterThan(digits[0].box.x);
    expect(digits[2].box.x).toBeGreaterThan(digits[1].box.x);
    expect(digits[4].box.x).toBeGreaterThan(digits[3].box.x);
  });

  it('keeps a row that is not level in one piece', async () => {
    const slanted = Array.from({ length: 6 }, (_, i) => at(ONE, 0.1 + 0.12 * i, 0.1 + 0.04 * i)).flat();
    const { digits } = await inkToDigits(planesOf(slanted, SHEET));
    expect(digits.map(({ row }) => row)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('joins what fell apart: a bar beside a 5, a slash inside a 0', async () => {
    const planes = planesOf(
      [...at(FIVE, 0.1, 0.3), ...at(ZERO, 0.4, 0.3), ...at(SLASH, 0.4, 0.3), ...at(ONE, 0.7, 0.3)],
      SHEET,
    );
    const { digits } = await inkToDigits(planes);
    expect(digits).toHaveLength(3);
  });

  it('tells neighbours that touch apart with a classifier that knows them among others', async () => {
    const touching = planesOf([...at(ZERO, 0.3, 0.3), ...at(ZERO, 0.39, 0.3)], SHEET);
    const { digits } = await inkToDigits(touching, { classify: classifyByWidth, classifyTouching: classifyMiddle });
    expect(digits.map(({ probabilities }) => probabilities?.indexOf(Math.max(...probabilities)))).toEqual([0, 0]);
    expect(digits.map(({ isTouching }) => isTouching)).toEqual([true, true]);
    // The images show the neighbour, too: its ink reaches the border.
    expect(digits[0].image.some((value, i) => i % 28 === 27 && value > 0)).toBe(true);
    expect(digits[1].image.some((value, i) => i % 28 === 0 && value > 0)).toBe(true);
    const middle = (digits[0].box.x + digits[0].box.width + digits[1].box.x) / 2;
    // The zeros touch at 0.39, which is pixel 2.5 + 0.39 * 295; this classifier takes anything near a 0 for one.
    expect(Math.abs(middle - 117.5)).toBeLessThanOrEqual(8);
  });

  it('cuts neighbours that touch where the classifier knows the halves, if there is no other classifier', async () => {
    const touching = planesOf([...at(ZERO, 0.3, 0.3), ...at(ZERO, 0.39, 0.3)], SHEET);
    const { digits } = await inkToDigits(touching, { classify: classifyByWidth });
    expect(digits.map(({ isTouching }) => isTouching)).toEqual([false, false]);
    expect(digits.map(({ probabilities }) => probabilities?.indexOf(Math.max(...probabilities)))).toEqual([0, 0]);
  });

  it('takes a strip along the side of a page for no digit, and a 1 at the side of a tight crop for one', async () => {
    const strip: Stroke[] = [[[0.0, 0.3], [0.0, 0.45]]]; // prettier-ignore
    const page = planesOf([...at(ZERO, 0.3, 0.3), ...strip], SHEET);
    expect((await inkToDigits(page, { classify: classifyByWidth })).digits).toHaveLength(1);
    const crop = planesOf([...at(ZERO, 0.1, 0.01), ...at(ONE, 0, 0.01)], { ...SHEET, height: 50 });
    expect((await inkToDigits(crop, { classify: classifyByWidth })).digits).toHaveLength(2);
  });

  it('asks the classifier once, whether it answers at once or later', async () => {
    const planes = planesOf([...at(ONE, 0.2, 0.3), ...at(ONE, 0.5, 0.3)], SHEET);
    const numAsked: number[] = [];
    const classify = (images: Uint8Array): Promise<Float32Array> => {
      numAsked.push(images.length / 784);
      return Promise.resolve(classifyByWidth(images));
    };
    const { digits } = await inkToDigits(planes, { classify });
    expect(numAsked).toEqual([2]);
    expect(digits.map(({ probabilities }) => probabilities?.[1].toFixed(2))).toEqual(['0.90', '0.90']);
  });

  it('gives a piece to the digit beside it, in its row, and leaves one out that is far from all', async () => {
    const dash: Stroke[] = [
      [
        [0, 0],
        [0.05, 0],
      ],
    ];
    const rows = [...at(ZERO, 0.1, 0.1), ...at(ONE, 0.4, 0.1), ...at(ONE, 0.1, 0.5), ...at(ONE, 0.4, 0.5)];
    const near = await inkToDigits(planesOf([...rows, ...at(dash, 0.43, 0.56)], SHEET));
    const far = await inkToDigits(planesOf([...rows, ...at(dash, 0.7, 0.56)], SHEET));
    expect(near.digits.map(({ row }) => row)).toEqual([0, 0, 1, 1]);
    expect(far.digits.map(({ row }) => row)).toEqual([0, 0, 1, 1]);
    // From the pen's left edge on the stroke at 0.4 to its right edge on the dash's end at 0.48: 0.08 * 295 + 5 pixels.
    expect(Math.abs(near.digits[3].box.width - 28.6)).toBeLessThanOrEqual(2);
    expect(Math.abs(far.digits[3].box.width - 5)).toBeLessThanOrEqual(2);
    expect(near.digits.slice(0, 3).map(({ box }) => box)).toEqual(far.digits.slice(0, 3).map(({ box }) => box));
  });

  it('prepares a lone digit as inkToDigit does', async () => {
    const planes = planesOf(at(FIVE, 0.4, 0.4), SHEET);
    const { digits } = await inkToDigits(planes);
    const image = (await inkToDigit(planes)).digits[0].image;
    expect(digits).toHaveLength(1);
    expect(digits[0].image).toEqual(image);
  });

  it('names the steps of the whole and of each digit', async () => {
    const { digits, steps } = await inkToDigits(planesOf(at(ZERO, 0.4, 0.4), SHEET));
    expect(steps.map(({ name }) => name)).toEqual(['ink']);
    expect(digits[0].steps.map(({ name }) => name)).toEqual(['kept', 'digit', 'image']);
  });

  it('says that no mark is a digit, or that there is no ink', async () => {
    // Not even a probability of 10^-6 for a digit: leaving out a dot as high as the row costs less.
    const nothing = (images: Uint8Array): number[] => Array.from({ length: images.length / 784 }, () => 0);
    const dot = planesOf(at(DOT, 0.4, 0.4), SHEET);
    expect(await inkToDigits(dot, { classify: nothing })).toMatchObject({ digits: [], reason: 'notADigit' });
    expect(await inkToDigits(planesOf([], SHEET))).toMatchObject({ digits: [], reason: 'blank' });
  });

  it('leaves out the tip of a stroke that reaches in from outside', async () => {
    const tip: Stroke[] = [
      [
        [0.3, -0.05],
        [0.3, 0.05],
      ],
    ];
    const planes = planesOf([...at(ZERO, 0.2, 0.3), ...at(ONE, 0.4, 0.3), ...tip], SHEET);
    expect((await inkToDigits(planes)).digits).toHaveLength(2);
  });

  it('refuses an answer that does not fit the question', async () => {
    const planes = planesOf([...at(ONE, 0.2, 0.3), ...at(ONE, 0.6, 0.3)], SHEET);
    await expect(inkToDigits(planes, { classify: () => [] })).rejects.toThrow(
      new RangeError(
        'inkToDigits: classify must return the same number of probabilities for each of 2 images, got 0 in all',
      ),
    );
  });
});
