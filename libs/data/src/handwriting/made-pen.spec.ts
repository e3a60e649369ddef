import { RandomPurpose } from '../random.ts';
import type { Stroke } from '../strokes/stroke.ts';
import { drawWithOwnPen } from './made-pen.ts';
import { openRandomStream } from './random-stream.ts';

const BAR: Stroke[] = [
  [
    [0, 0],
    [0, 100],
  ],
];

const draw = (sample: number): Uint8Array =>
  drawWithOwnPen(openRandomStream({ seed: 1, purpose: RandomPurpose.madeHandwriting, site: 2, sample }), BAR);

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
