import { openRandomStream, RandomPurpose, type Stroke } from '@digits/data';
import { drawPicture, drawWithOwnPen } from './paper.ts';
import { generateStrokes } from './strokes.ts';

const pictureOf = (sample: number) =>
  drawPicture(
    openRandomStream({ seed: 1, purpose: RandomPurpose.handwriting, site: 2, sample }),
    generateStrokes('four-open', 1, sample),
  );

describe('drawPicture', () => {
  const pictures = Array.from({ length: 60 }, (_, sample) => pictureOf(sample));

  it('is a small grey picture with paper all around', () => {
    for (const { width, height, channels, data } of pictures) {
      expect(channels).toBe(1);
      expect(data).toHaveLength(width * height);
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(26);
      expect(Math.max(width, height)).toBeLessThan(110);
    }
  });

  it('keeps ink and paper apart', () => {
    for (const { data } of pictures) expect(Math.max(...data) - Math.min(...data)).toBeGreaterThan(40);
  });

  it('is now and then light on dark', () => {
    const mean = (data: ArrayLike<number>): number => Array.from(data).reduce((sum, x) => sum + x, 0) / data.length;
    const dark = pictures.filter(({ data }) => mean(data) < 110).length;
    expect(dark).toBeGreaterThan(2);
    expect(dark).toBeLessThan(20);
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
