import { RandomPurpose } from '../random.ts';
import { drawPicture } from './made-picture.ts';
import { makeStrokes } from './made-strokes.ts';
import { openRandomStream } from './random-stream.ts';

const pictureOf = (sample: number) =>
  drawPicture(
    openRandomStream({ seed: 1, purpose: RandomPurpose.madeHandwriting, site: 2, sample }),
    makeStrokes('four-open', 1, sample),
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
