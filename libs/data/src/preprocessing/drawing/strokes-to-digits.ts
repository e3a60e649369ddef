import { type Box, boxAround, overlapX, overlapY, sizeOf } from '../geometry.ts';
import { findRows, Groups, typicalHeight } from '../segmentation/rows.ts';
import {
  type Candidate,
  type DigitsOptions,
  type FoundDigits,
  type Part,
  readRows,
} from '../segmentation/segmentation.ts';
import { boxOfStrokes, checkStrokes, type Stroke, type StrokePoint } from './stroke.ts';
import { type StrokeOptions, strokesToImage } from './strokes-to-image.ts';

/** Strokes that were drawn for one digit. */
interface StrokePart extends Part {
  readonly strokes: readonly Stroke[];
}

/** A stroke smaller than this share of a digit's height belongs to its nearest neighbour (a dot, a short bar). */
const SMALL_STROKE = 0.35;

/**
 * Finds the digits in a drawing of several, side by side and in rows, and renders each as {@link strokesToImage} does.
 *
 * Strokes that cross or lie over one another are one digit; where neighbours could be one or two, the classifier
 * decides, or the gap between them where there is none. A single stroke is never cut.
 *
 * @param strokes points in any unit, y down
 * @returns digits whose boxes are in the strokes' unit, from the outermost points, without the pen's width
 * @throws RangeError where a point is not finite, or `penWidth` is negative
 */
export async function strokesToDigits(
  strokes: readonly Stroke[],
  options: StrokeOptions & DigitsOptions = {},
): Promise<FoundDigits> {
  const drawn = checkStrokes('strokesToDigits', strokes);
  if (drawn.length === 0) return { digits: [], reason: 'blank', steps: [] };
  const { parts: shapes, height } = groupStrokes(drawn);
  const rows = findRows(shapes, height).map((row) => {
    const parts = row.map((i) => shapes[i]);
    return { parts, height: heightOfRow(parts) };
  });
  const prepare = (parts: readonly StrokePart[]): Candidate => {
    const { image, steps } = strokesToImage(
      parts.flatMap((part) => part.strokes),
      options,
    );
    return { box: boxAround(parts), image, isTouching: false, steps };
  };
  return { digits: await readRows('strokesToDigits', rows, prepare, options), reason: null, steps: [] };
}

/** A row of dots alone has no height: its width stands in, so that shares of it mean something. */
function heightOfRow(row: readonly Box[]): number {
  return typicalHeight(row) || boxAround(row).width || 1;
}

function groupStrokes(strokes: readonly Stroke[]): { parts: StrokePart[]; height: number } {
  const boxes = strokes.map((stroke) => boxOfStrokes([stroke]));
  const height = heightOfRow(boxes);
  const groups = new Groups(strokes.length);
  for (let i = 0; i < strokes.length; i++) {
    for (let j = 0; j < i; j++) {
      if (lieOver(boxes[i], boxes[j], height) || cross(strokes[i], strokes[j])) groups.join(i, j);
    }
  }
  const parts = groups.list().map((members, shape) => ({
    ...boxAround(members.map((i) => boxes[i])),
    shape,
    inkAfter: 0,
    strokes: members.map((i) => strokes[i]),
  }));
  return { parts: adoptSmall(parts, height), height };
}

/** One over or inside the other, and no higher together than a digit is. */
function lieOver(a: Box, b: Box, height: number): boolean {
  const narrower = Math.max(Math.min(a.width, b.width), 0.05 * height);
  const isOver = overlapX(a, b) >= 0.6 * narrower;
  return isOver && overlapY(a, b) >= -0.15 * height && boxAround([a, b]).height <= 1.5 * height;
}

function cross(a: Stroke, b: Stroke): boolean {
  if (overlapX(boxOfStrokes([a]), boxOfStrokes([b])) < 0 || overlapY(boxOfStrokes([a]), boxOfStrokes([b])) < 0)
    return false;
  for (let i = 1; i < a.length; i++) {
    for (let j = 1; j < b.length; j++) if (segmentsCross(a[i - 1], a[i], b[j - 1], b[j])) return true;
  }
  return false;
}

function segmentsCross(a: StrokePoint, b: StrokePoint, c: StrokePoint, d: StrokePoint): boolean {
  return side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0;
}

/** On which side of the line through a and b the point lies: positive, negative, or 0 on it. */
function side(a: StrokePoint, b: StrokePoint, point: StrokePoint): number {
  return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
}

/** Joins each small part, whose height says nothing about its row, to the part beside it that it is nearest to. */
function adoptSmall(parts: readonly StrokePart[], height: number): StrokePart[] {
  const isSmall = (part: StrokePart): boolean => sizeOf(part) < SMALL_STROKE * height;
  const adopted: StrokePart[] = parts.filter((part) => !isSmall(part));
  if (adopted.length === 0) return [...parts];
  for (const part of parts.filter(isSmall)) {
    const gap = (i: number): number =>
      Math.max(0, -overlapX(adopted[i], part)) + Math.max(0, -overlapY(adopted[i], part));
    const nearest = adopted.reduce((best, _, i) => (gap(i) < gap(best) ? i : best), 0);
    if (gap(nearest) > SMALL_STROKE * height) {
      adopted.push(part);
      continue;
    }
    const home = adopted[nearest];
    adopted[nearest] = { ...home, ...boxAround([home, part]), strokes: [...home.strokes, ...part.strokes] };
  }
  return adopted;
}
