import { openRandomStream, RandomPurpose } from '@digits/data';
import { drawGlyph, type Glyph, TRAIN_GLYPHS, VALIDATION_GLYPHS } from './glyphs.ts';

const drawsOf = (sample: number) => openRandomStream({ seed: 1, purpose: RandomPurpose.negatives, sample });

/** Rows and columns of the image that hold ink. */
function inkBox(image: Uint8Array): { width: number; height: number } {
  const xs: number[] = [];
  const ys: number[] = [];
  image.forEach((value, i) => {
    if (value < 128) return;
    xs.push(i % 28);
    ys.push(Math.floor(i / 28));
  });
  return { width: Math.max(...xs) - Math.min(...xs) + 1, height: Math.max(...ys) - Math.min(...ys) + 1 };
}

describe('TRAIN_GLYPHS', () => {
  it('holds 26 letters of each of 24 fonts, but for one that has capitals only', () => {
    expect(TRAIN_GLYPHS().letters).toHaveLength(24 * 26 - 13);
  });

  it('spans 0 to 255 on the longer side of each, give or take the rounding of the outlines', () => {
    for (const glyph of [...TRAIN_GLYPHS().letters, ...TRAIN_GLYPHS().symbols]) {
      const points = glyph.flat();
      expect(Math.min(...points.map(([x]) => x))).toBeLessThan(4);
      expect(Math.min(...points.map(([, y]) => y))).toBeLessThan(4);
      expect(Math.max(...points.flat())).toBeGreaterThan(251);
    }
  });

  it('gives outlines of at least three points', () => {
    const sizes = TRAIN_GLYPHS().letters.flatMap((glyph) => glyph.map((contour) => contour.length));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(3);
  });
});

describe('VALIDATION_GLYPHS', () => {
  it('holds 26 letters of each of six fonts', () => {
    expect(VALIDATION_GLYPHS().letters).toHaveLength(6 * 26);
  });

  it('shares no glyph with those for training', () => {
    const seen = new Set(TRAIN_GLYPHS().letters.map((glyph) => JSON.stringify(glyph)));
    expect(VALIDATION_GLYPHS().letters.filter((glyph) => seen.has(JSON.stringify(glyph)))).toEqual([]);
  });
});

describe('drawGlyph', () => {
  const square: Glyph = [[[0, 0], [255, 0], [255, 255], [0, 255]]]; // prettier-ignore

  it('frames a glyph as a digit, give or take the pen', () => {
    for (let sample = 0; sample < 20; sample++) {
      const { width, height } = inkBox(drawGlyph(square, drawsOf(sample)));
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(18);
      expect(Math.max(width, height)).toBeLessThanOrEqual(22);
    }
  });

  it('never draws the same twice', () => {
    expect(Buffer.compare(drawGlyph(square, drawsOf(0)), drawGlyph(square, drawsOf(1)))).not.toBe(0);
  });

  it('draws the same from the same numbers', () => {
    expect(Buffer.compare(drawGlyph(square, drawsOf(3)), drawGlyph(square, drawsOf(3)))).toBe(0);
  });
});
