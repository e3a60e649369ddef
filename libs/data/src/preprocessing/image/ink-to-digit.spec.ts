import fc from 'fast-check';
import type { Stroke } from '../drawing/stroke.ts';
import { strokesToImage } from '../drawing/strokes-to-image.ts';
import { inkToDigit } from './ink-to-digit.ts';
import type { InkPlanes } from './ink-planes.ts';
import { planesOf, type Sheet } from './ink-planes.fixture.ts';

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

async function imageOf(planes: InkPlanes): Promise<Uint8Array> {
  const { digits, reason } = await inkToDigit(planes);
  if (digits.length !== 1) throw new Error(`inkToDigit gave no image: ${reason}`);
  return digits[0].image;
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

const SHEETS: Readonly<Record<string, Sheet>> = {
  'a sheet': {},
  'a corner of a large sheet': { width: 600, height: 500, x: 430, y: 370 },
  'a tight crop': { width: 78, height: 102, x: 1, y: 1 },
  'a thick pen': { penWidth: 22 },
  'a thin pen': { penWidth: 2 },
  'a small sheet': { size: 16, width: 28, height: 28, x: 6, y: 6, penWidth: 2 },
};

/** A dot at 1.3, away from the digits. */
const SPECK: Stroke[] = [[[1.1, 0.1]]];

/** A 5 whose bar does not touch the rest. */
const BROKEN_FIVE: Stroke[] = [
  [
    [0.1, 0.14],
    [0.08, 0.45],
    [0.5, 0.5],
    [0.5, 0.9],
    [0, 1],
  ],
  [
    [0.25, 0],
    [0.65, 0],
  ],
];

describe('inkToDigit', () => {
  describe.each(Object.keys(DIGITS))('prepares a %s as the strokes alone give it', (digit) => {
    it.each(Object.keys(SHEETS))('from %s', async (sheet) => {
      const image = await imageOf(planesOf(DIGITS[digit], SHEETS[sheet]));
      // Strokes are rounded where they are drawn as images, and not in the planes; a thick pen keeps some of its thickness.
      expect(likenessOfShape(image, expected(digit))).toBeGreaterThan(sheet === 'a thick pen' ? 0.83 : 0.87);
    });
  });

  it('says where the digit is, in pixels of the picture', async () => {
    const bar: Stroke[] = [
      [
        [0.5, 0],
        [0.5, 1],
      ],
    ];
    // The bar covers 85 to 95 and 30 to 130 in the planes, which show 320x320 pixels from (7, 9) on.
    const planes = { ...planesOf(bar, { x: 40 }), region: { x: 7, y: 9, width: 320, height: 320 } };
    const { digits } = await inkToDigit(planes);
    const { x, y, width, height } = digits[0].box;
    for (const [got, want] of [
      [x, 177],
      [y, 69],
      [width, 20],
      [height, 200],
    ]) {
      expect(Math.abs(got - want)).toBeLessThanOrEqual(2);
    }
  });

  it('does not depend on where the digit is', async () => {
    const reference = await imageOf(planesOf(DIGITS.four, { x: 40, y: 40 }));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 58 }), async (x, y) => {
        expect(await imageOf(planesOf(DIGITS.four, { x, y }))).toEqual(reference);
      }),
      { numRuns: 10 },
    );
  });

  it('puts the ink in a 20x20 box, its centre of mass within half a pixel of (14, 14)', async () => {
    const image = await imageOf(planesOf(DIGITS.seven));
    const inked = Array.from(image.keys()).filter((i) => image[i] > 0);
    const mass = inked.reduce((sum, i) => sum + image[i], 0);
    const rows = inked.map((i) => Math.floor(i / 28));
    expect(Math.max(...rows) - Math.min(...rows) + 1).toBe(20);
    for (const place of [(i: number) => i % 28, (i: number) => Math.floor(i / 28)]) {
      expect(Math.abs(inked.reduce((sum, i) => sum + image[i] * place(i), 0) / mass - 14)).toBeLessThanOrEqual(0.5);
    }
  });

  it('leaves out a speck and keeps the pieces of a broken digit', async () => {
    const sheet = { penWidth: 6 };
    const alone = await imageOf(planesOf(DIGITS.four, sheet));
    expect(await imageOf(planesOf([...DIGITS.four, ...SPECK], sheet))).toEqual(alone);
    const { image } = strokesToImage(BROKEN_FIVE);
    expect(likeness(await imageOf(planesOf(BROKEN_FIVE, sheet)), image ?? new Uint8Array(784))).toBeGreaterThan(0.9);
  });

  it('lets the classifier choose between groupings of the pieces', async () => {
    const stain: Stroke[] = [
      ...DIGITS.seven,
      [
        [0.75, 0.2],
        [0.75, 0.6],
      ],
    ];
    const sheet = { penWidth: 6 };
    const seven = await imageOf(planesOf(DIGITS.seven, sheet));
    // This classifier knows a 7 and nothing else.
    const classify = (images: Uint8Array): number[] =>
      Array.from({ length: images.length / 784 }, (_, n) =>
        likeness(images.subarray(n * 784, (n + 1) * 784), seven) > 0.99 ? 0.9 : 0.1,
      ).flatMap((confidence) => [confidence, 0]);
    const { digits } = await inkToDigit(planesOf(stain, sheet), { classify });
    expect(likeness(digits[0].image, seven)).toBeGreaterThan(0.99);
    expect(digits[0].probabilities?.[0]).toBeCloseTo(0.9, 6);
    expect(likeness(await imageOf(planesOf(stain, sheet)), seven)).toBeLessThan(0.95);
  });

  it('takes a straight stroke that was seen as ruling for a part of the digit if the classifier knows the whole', async () => {
    const sheet = { penWidth: 6 };
    const seven = planesOf(DIGITS.seven, sheet);
    const whole = await imageOf(seven);
    // The lower half of the 7 is seen as ruling.
    const isLower = (i: number): boolean => i >= 75 * 160;
    const split: InkPlanes = {
      ...seven,
      ink: seven.ink.map((value, i) => (isLower(i) ? 0.3 * value : value)),
      ruling: seven.ink.map((value, i) => (isLower(i) ? 0.7 * value : 0)),
    };
    const classify = (images: Uint8Array): number[] =>
      Array.from({ length: images.length / 784 }, (_, n) =>
        likeness(images.subarray(n * 784, (n + 1) * 784), whole) > 0.95 ? 0.9 : 0.3,
      );
    const { digits } = await inkToDigit(split, { classify });
    expect(likeness(digits[0].image, whole)).toBeGreaterThan(0.95);
    expect(likeness(await imageOf(split), whole)).toBeLessThan(0.8);
  });

  it('names its steps', async () => {
    const { steps, digits } = await inkToDigit(planesOf(DIGITS.two));
    expect(steps.map(({ name }) => name)).toEqual(['ink']);
    expect(digits[0].steps.map(({ name }) => name)).toEqual(['kept', 'digit', 'image']);
    for (const { pixels, width, height } of [...steps, ...digits[0].steps]) expect(pixels).toHaveLength(width * height);
  });

  it('finds nothing without ink, in faint stains, and in a speck of two pixels', async () => {
    const blank = planesOf([]);
    expect(await inkToDigit(blank)).toMatchObject({ digits: [], reason: 'blank' });
    expect(await inkToDigit({ ...blank, ink: blank.ink.map(() => 0.5) })).toMatchObject({
      digits: [],
      reason: 'blank',
    });
    const speck = blank.ink.slice();
    speck.fill(1, 500, 502);
    expect(await inkToDigit({ ...blank, ink: speck })).toMatchObject({ digits: [], reason: 'blank' });
  });
});

describe('inkToDigit with straight strokes that look like lines', () => {
  /** A 4 whose upright is taken for a printed line. */
  const upright = planesOf([DIGITS.four[1]]);
  const rest = planesOf([DIGITS.four[0]]);
  const planes: InkPlanes = { ...rest, ruling: upright.ink };
  const whole = planesOf(DIGITS.four);

  it('takes them for ink if the classifier says that they make a digit', async () => {
    const expected = await imageOf(whole);
    const classify = (images: Uint8Array): number[] =>
      Array.from({ length: images.length / 784 }, (_, i) =>
        likeness(images.subarray(i * 784, (i + 1) * 784), expected) > 0.9 ? 0.95 : 0.2,
      );
    const { digits } = await inkToDigit(planes, { classify });
    expect(likeness(digits[0].image, expected)).toBeGreaterThan(0.98);
  });

  it('leaves them out if the classifier says that the ink alone makes one', async () => {
    const expected = await imageOf(rest);
    const classify = (images: Uint8Array): number[] =>
      Array.from({ length: images.length / 784 }, (_, i) =>
        likeness(images.subarray(i * 784, (i + 1) * 784), expected) > 0.9 ? 0.95 : 0.2,
      );
    const { digits } = await inkToDigit(planes, { classify });
    expect(likeness(digits[0].image, expected)).toBeGreaterThan(0.98);
  });

  it('never takes a line without ink for a digit', async () => {
    const line: InkPlanes = { ...upright, ink: new Float32Array(upright.ink.length), ruling: upright.ink };
    expect((await inkToDigit(line, { classify: () => [1] })).digits).toEqual([]);
  });
});
