import { openRandomStream, RandomPurpose, type Stroke } from '@digits/data';
import { drawInk, drawWithOwnPen } from './paper.ts';
import { generateStrokes } from './strokes.ts';

describe('drawInk', () => {
  const planes = Array.from({ length: 60 }, (_, sample) =>
    drawInk(
      openRandomStream({ seed: 1, purpose: RandomPurpose.handwriting, site: 2, sample }),
      generateStrokes('four-open', 1, sample),
    ),
  );

  it('is a small plane of ink in [0, 1] with paper all around', () => {
    for (const { width, height, values } of planes) {
      expect(values).toHaveLength(width * height);
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(26);
      expect(Math.max(width, height)).toBeLessThan(110);
      expect(Math.max(...values)).toBeGreaterThan(0.5);
      expect(Math.max(...values)).toBeLessThanOrEqual(1);
      const border = Array.from(values).filter((_, i) => i % width === 0 || i < width);
      expect(Math.max(...border)).toBe(0);
    }
  });

  it('is now and then grainy', () => {
    // Without grain, the inside of a stroke is fully covered.
    const solid = planes.map(({ values }) => values.filter((value) => value === 1).length);
    const grainy = solid.filter((count) => count === 0).length;
    expect(grainy).toBeGreaterThan(10);
    expect(grainy).toBeLessThan(50);
  });
});

const BAR: Stroke[] = [
  [
    [0, 0],
    [0, 100],
  ],
];

const draw = (sample: number): Uint8Array =>
  drawWithOwnPen(openRandomStream({ seed: 1, purpose: RandomPurpose.handwriting, site: 2, sample }), BAR);

describe('drawWithOwnPen', () => {
  it('draws bars of MNIST’s widths', () => {
    const widths = Array.from({ length: 200 }, (_, sample) => {
      const row = draw(sample).subarray(14 * 28, 15 * 28);
      return row.filter((pixel) => pixel >= 100).length;
    });
    expect(new Set(widths)).toEqual(new Set([2, 3, 4]));
  });

  it('draws faint ink as well as ink that is white all over', () => {
    const brightest = Array.from({ length: 200 }, (_, sample) => Math.max(...draw(sample)));
    expect(Math.min(...brightest)).toBeGreaterThan(120);
    expect(Math.min(...brightest)).toBeLessThan(200);
    expect(brightest.filter((pixel) => pixel === 255).length).toBeGreaterThan(80);
  });

  it('gives the same image for the same key', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
});
