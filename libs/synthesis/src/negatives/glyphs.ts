import {
  applyStrokeWidth,
  IMAGE_SIZE,
  INK_SIZE,
  placeByCentreOfMass,
  portableSin,
  type RandomStream,
} from '@digits/data';
import { type Contour, fillContours } from './fill-contours.ts';
import { LETTERS, SYMBOLS, TRAIN_OUTLINES, VALIDATION_OUTLINES } from './glyph-outlines.ts';

/** One character of one font, y down, from 0 to 255 on its longer side. */
export type Glyph = readonly Contour[];

/** The glyphs of some fonts, letters apart from other signs. */
export interface Glyphs {
  readonly letters: readonly Glyph[];
  readonly symbols: readonly Glyph[];
}

/** The fonts whose letters networks are trained on. */
export const TRAIN_GLYPHS = lazily(() => decodeFonts(TRAIN_OUTLINES));

/** Other fonts, for the validation split. */
export const VALIDATION_GLYPHS = lazily(() => decodeFonts(VALIDATION_OUTLINES));

/** Decodes once, and not before it is asked: a page that never trains has no use for it. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function decodeFonts(fonts: readonly string[]): Glyphs {
  const letters: Glyph[] = [];
  const symbols: Glyph[] = [];
  for (const font of fonts) {
    const glyphs = decodeGlyphs(font);
    letters.push(...glyphs.slice(0, LETTERS.length).filter((glyph) => glyph.length > 0));
    symbols.push(...glyphs.slice(LETTERS.length).filter((glyph) => glyph.length > 0));
  }
  return { letters, symbols };
}

function decodeGlyphs(font: string): Glyph[] {
  const bytes = Uint8Array.from(atob(font), (character) => character.charCodeAt(0));
  let at = 0;
  return Array.from({ length: LETTERS.length + SYMBOLS.length }, () =>
    Array.from({ length: bytes[at++] }, () =>
      Array.from({ length: bytes[at++] }, (): [number, number] => [bytes[at++], bytes[at++]]),
    ),
  );
}

/**
 * Renders a glyph as a hand or a printer might have put it: waved, slanted, turned, stretched, bolder or finer; framed as
 * a digit.
 *
 * @returns `[28, 28]` uint8, white on black
 */
export function drawGlyph(glyph: Glyph, draws: RandomStream): Uint8Array {
  const waved = wave(glyph, draws);
  const slant = draws.symmetric(0.3);
  const turn = draws.symmetric(0.15);
  const stretch = draws.uniform(0.55, 1.3);
  const bent = waved.map((contour) =>
    contour.map(([x, y]): [number, number] => [(x - slant * y) * stretch + turn * y, y - turn * x]),
  );
  const image = fitContours(bent);
  // A letter that is narrow and bold is a bar, as a bold 1 is.
  const radius = draws.integer(-80, stretch < 0.8 ? 90 : 230);
  return applyStrokeWidth(image, { height: IMAGE_SIZE, width: IMAGE_SIZE }, radius);
}

/** Two slow waves, one across the other, at most 4% of the glyph high. */
function wave(glyph: Glyph, draws: RandomStream): Glyph {
  const waves = [0, 1].map(() => ({
    height: draws.uniform(0, 10),
    pace: draws.uniform(0.012, 0.035),
    phase: draws.uniform(0, 2 * Math.PI),
  }));
  const shift = (k: 0 | 1, at: number): number => {
    const { height, pace, phase } = waves[k];
    return height * portableSin(pace * at + phase);
  };
  return glyph.map((contour) => contour.map(([x, y]): [number, number] => [x + shift(0, y), y + shift(1, x)]));
}

/** Scales outlines so that their longer side is a digit's, fills them and puts their centre of mass in the middle. */
function fitContours(contours: readonly Contour[]): Uint8Array {
  const points = contours.flat();
  const left = Math.min(...points.map(([x]) => x));
  const top = Math.min(...points.map(([, y]) => y));
  const right = Math.max(...points.map(([x]) => x));
  const bottom = Math.max(...points.map(([, y]) => y));
  const scale = INK_SIZE / Math.max(right - left, bottom - top);
  const fitted = contours.map((contour) =>
    contour.map(([x, y]): [number, number] => [(x - left) * scale, (y - top) * scale]),
  );
  const side = (length: number): number => Math.max(1, Math.min(INK_SIZE, Math.ceil(length * scale - 1e-9)));
  const width = side(right - left);
  const height = side(bottom - top);
  return placeByCentreOfMass(fillContours(fitted, width, height), width, height);
}
