import {
  boxOfStrokes,
  drawStrokes,
  type RandomStream,
  type Stroke,
  type StrokePoint,
  uniformFromWord,
} from '@digits/data';
import { generateStrokes } from '../handwriting/strokes.ts';
import type { HandwritingVariant } from '../handwriting/templates/variant.ts';
import { type Contour, fillContours } from '../negatives/fill-contours.ts';
import type { Glyphs } from '../negatives/glyphs.ts';
import type { Sketch } from '../negatives/sketches.ts';

/** What characters of a page are drawn from; training and validation have different ones. */
export interface CharacterSources {
  /** Variants of each digit, by label. */
  readonly digits: readonly (readonly HandwritingVariant[])[];
  readonly glyphs: () => Glyphs;
  readonly sketches: readonly Sketch[];
}

/** Kinds of characters on a page. All of them are ink. */
export type CharacterKind = 'digit' | 'letter' | 'sketch';

/** How a writer holds the pen on one page. */
export interface Pen {
  /** Half the width of the stroke, as a share of the character's height. */
  readonly radius: number;
  /** Smallest half width in pixels: thinner ink would vanish in the average of a pixel. */
  readonly leastRadius: number;
  /** How much pressure changes the radius, in [0, 1]. */
  readonly pressure: number;
}

/** Coverage of one character on its own small canvas. */
export interface DrawnCharacter {
  readonly width: number;
  readonly height: number;
  /** `[height, width]` uint8. */
  readonly coverage: Uint8Array;
}

/** Pixels around a character's canvas: the soft edge of its ink. */
const EDGE = 2;

/**
 * Draws a digit as a hand writes it.
 *
 * @param height of the digit in pixels
 * @param turn rotation as a small tangent, clockwise if positive
 */
export function drawDigit(
  random: RandomStream,
  variants: readonly HandwritingVariant[],
  seed: number,
  height: number,
  turn: number,
  pen: Pen,
): DrawnCharacter {
  // Strokes without jitter are straight, as digits of programs and of careful writers are.
  const strength = random.chance(0.25) ? random.uniform(0, 0.3) : random.uniform(0.3, 1.2);
  const strokes = generateStrokes(pickByWeight(random, variants), seed, random.word(), { strength });
  return drawWithPen(strokes, height, turn, pen);
}

/** Draws a scribble or a small drawing, `height` pixels high. */
export function drawSketch(
  random: RandomStream,
  sketches: readonly Sketch[],
  height: number,
  turn: number,
  pen: Pen,
): DrawnCharacter {
  return drawWithPen(random.pick(sketches)(random), height, turn, pen);
}

/** Draws a printed or cut-out letter, `height` pixels high. */
export function drawLetter(random: RandomStream, glyphs: Glyphs, height: number, turn: number): DrawnCharacter {
  const glyph = random.pick(random.chance(0.85) ? glyphs.letters : glyphs.symbols);
  const stretch = random.uniform(0.6, 1.15);
  const slant = random.around(0.3);
  const scale = height / 255;
  const placed = glyph.map((contour) =>
    contour.map(([x, y]): [number, number] => {
      const across = (x * stretch - slant * y) * scale;
      return [across - turn * y * scale, y * scale + turn * across];
    }),
  );
  const points = placed.flat();
  const left = Math.min(...points.map(([x]) => x)) - EDGE;
  const top = Math.min(...points.map(([, y]) => y)) - EDGE;
  const width = Math.ceil(Math.max(...points.map(([x]) => x)) - left + EDGE);
  const canvasHeight = Math.ceil(Math.max(...points.map(([, y]) => y)) - top + EDGE);
  const moved: Contour[] = placed.map((contour) => contour.map(([x, y]): [number, number] => [x - left, y - top]));
  return { width, height: canvasHeight, coverage: fillContours(moved, width, canvasHeight) };
}

function pickByWeight(random: RandomStream, variants: readonly HandwritingVariant[]): HandwritingVariant {
  let rest = uniformFromWord(random.word()) * variants.reduce((sum, { weight }) => sum + weight, 0);
  return variants.find(({ weight }) => (rest -= weight) < 0) ?? variants[variants.length - 1];
}

function drawWithPen(strokes: readonly Stroke[], height: number, turn: number, pen: Pen): DrawnCharacter {
  const raw = boxOfStrokes(strokes);
  const scale = height / Math.max(raw.height, 0.6 * raw.width, 1e-3);
  const radius = Math.max(pen.leastRadius, pen.radius * height);
  const turned = strokes.map((stroke) =>
    stroke.map(([x, y, ...pressure]): StrokePoint => {
      const [across, down] = [(x - raw.x) * scale, (y - raw.y) * scale];
      return [across - turn * down, down + turn * across, ...pressure];
    }),
  );
  const box = boxOfStrokes(turned);
  const reach = 1.4 * radius + EDGE;
  const moved = turned.map((stroke) =>
    stroke.map(([x, y, ...pressure]): StrokePoint => [x - box.x + reach, y - box.y + reach, ...pressure]),
  );
  const width = Math.ceil(box.width + 2 * reach);
  const canvasHeight = Math.ceil(box.height + 2 * reach);
  const radiusAt = ([, , pressure]: StrokePoint): number =>
    pressure === undefined ? radius : radius * (1 + pen.pressure * (1.3 * pressure - 0.7));
  return { width, height: canvasHeight, coverage: drawStrokes(moved, width, canvasHeight, radiusAt) };
}
