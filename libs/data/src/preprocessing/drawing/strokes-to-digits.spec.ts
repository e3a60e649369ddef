import type { Stroke } from './stroke.ts';
import { strokesToDigits } from './strokes-to-digits.ts';

const at = (stroke: Stroke, dx: number, dy: number): Stroke => stroke.map(([x, y]) => [x + dx, y + dy] as const);
const ONE: Stroke = [
  [0, 0],
  [0, 100],
];
const ZERO: Stroke = Array.from({ length: 25 }, (_, i) => {
  const angle = (i * Math.PI) / 12;
  return [30 + 30 * Math.sin(angle), 50 - 50 * Math.cos(angle)] as const;
});
/** A 4 in two strokes and a 5 whose bar is drawn last. */
const FOUR: Stroke[] = [
  [
    [30, 0],
    [0, 60],
    [60, 60],
  ],
  [
    [45, 30],
    [45, 100],
  ],
];
const FIVE: Stroke[] = [
  [
    [10, 2],
    [8, 40],
    [45, 50],
    [45, 90],
    [0, 98],
  ],
  [
    [10, 0],
    [55, 0],
  ],
];

describe('strokesToDigits', () => {
  it('reads digits from left to right, whatever order they were drawn in', async () => {
    const { digits, reason } = await strokesToDigits([at(ZERO, 200, 0), ONE, at(ONE, 120, 3)]);
    expect(reason).toBeNull();
    expect(digits.map(({ box }) => [box.x, box.x + box.width])).toEqual([
      [0, 0],
      [120, 120],
      [200, 260],
    ]);
    expect(digits.map(({ row }) => row)).toEqual([0, 0, 0]);
  });

  it('keeps strokes of one digit together', async () => {
    const { digits } = await strokesToDigits([
      ...FOUR,
      ...FIVE.map((stroke) => at(stroke, 90, 0)),
      at(ZERO, 170, 0),
      at(
        [
          [10, 90],
          [50, 10],
        ],
        170,
        0,
      ),
    ]);
    expect(digits.map(({ box }) => [box.x, box.x + box.width])).toEqual([
      [0, 60],
      [90, 145],
      [170, 230],
    ]);
  });

  it('reads rows from top to bottom', async () => {
    const { digits } = await strokesToDigits([at(ONE, 0, 150), at(ZERO, 60, 150), at(ZERO, 0, 0), at(ONE, 100, 5)]);
    expect(digits.map(({ row, box }) => [row, box.x, box.y])).toEqual([
      [0, 0, 0],
      [0, 100, 5],
      [1, 0, 150],
      [1, 60, 150],
    ]);
  });

  it('lets the classifier decide whether two strokes close together are one digit', async () => {
    const drawing = [ONE, at(ONE, 25, 0)];
    const preferring = (numInked: (columns: number) => boolean) => (images: Uint8Array) => {
      const answers = new Float32Array((images.length / 784) * 10).fill(0.001);
      for (let n = 0; n < images.length / 784; n++) {
        const columns = new Set<number>();
        for (let i = 0; i < 784; i++) if (images[n * 784 + i] > 0) columns.add(i % 28);
        if (numInked(columns.size)) answers[n * 10] = 0.99;
      }
      return answers;
    };
    const apart = await strokesToDigits(drawing, { classify: preferring((columns) => columns < 5) });
    expect(apart.digits).toHaveLength(2);
    const together = await strokesToDigits(drawing, {
      classify: (images) => Promise.resolve(preferring((columns) => columns > 5)(images)),
    });
    expect(together.digits).toHaveLength(1);
    expect(together.digits[0].probabilities?.[0]).toBeCloseTo(0.99, 5);
  });

  it('gives a small stroke to the digit beside it, and leaves it alone where none is near', async () => {
    // Below the digits: a row of its own if it were not theirs.
    const tail: Stroke = [
      [265, 112],
      [272, 118],
    ];
    const near = await strokesToDigits([ONE, at(ZERO, 200, 0), tail]);
    expect(near.digits.map(({ box }) => [box.x, box.x + box.width])).toEqual([
      [0, 0],
      [200, 272],
    ]);
    const far = await strokesToDigits([ONE, at(ZERO, 200, 0), at(tail, 100, 0)]);
    expect(far.digits.map(({ box, row }) => [box.x, box.x + box.width, row])).toEqual([
      [0, 0, 0],
      [200, 260, 0],
      [365, 372, 1],
    ]);
  });

  it('finds a dot that stands alone', async () => {
    const { digits, reason } = await strokesToDigits([[[5, 7]]]);
    expect(reason).toBeNull();
    expect(digits.map(({ box }) => box)).toEqual([{ x: 5, y: 7, width: 0, height: 0 }]);
  });

  it('gives a reason where nothing was drawn', async () => {
    expect(await strokesToDigits([])).toEqual({ digits: [], reason: 'blank', steps: [] });
  });

  it('refuses an answer that does not fit the question', async () => {
    await expect(strokesToDigits([ONE, at(ZERO, 100, 0)], { classify: () => [0.5, 0.2, 0.3] })).rejects.toThrow(
      new RangeError(
        'strokesToDigits: classify must return the same number of probabilities for each of 2 images, got 3 in all',
      ),
    );
  });
});
