import {
  integerFromWord,
  openRandomStream,
  RandomPurpose,
  type RandomStream,
  type Stroke,
  type StrokePoint,
} from '@digits/data';
import { type Knot, parsePath, pointBetween, startRingAt } from './bezier-path.ts';
import { drawHand, type Hand, jitterStroke, place } from './hand.ts';
import type { HandwritingVariant } from './templates/variant.ts';
import { selectVariants } from './variants.ts';

/** Random numbers of one made digit come from streams of their own, told apart by the key's site. */
export const HandwritingSite = { strokes: 0, choice: 1, picture: 2 } as const;

/** Points lie at least and at most this far apart, in hundredths of the digit's height: a slow pen and a quick one. */
const SPACING = [2, 7] as const;

/** A quick pen rounds corners over this many points either side, at most. */
const MAX_ROUNDING = 2;

/** Trembling goes to and fro about once in this many points. */
const TREMOR_POINTS = 4;

/** Screens and tablets give whole pixels: their size at most, in hundredths of the digit's height. */
const MAX_GRID = 1.5;

/** How strongly to distort. */
export interface StrokesOptions {
  /** Factor on every variation of the hand, in [0, 2]; 1 when left out, 0 for the template itself. */
  readonly strength?: number;
}

/**
 * Draws a digit as a hand would: the variant's template with jittered control points and ends, other proportions, slant,
 * trembling and speed, sampled as a pen or a mouse would, on some with the pen's pressure. The same arguments give the
 * same points on every machine.
 *
 * @param variant one of {@link HANDWRITING_VARIANTS}, or its name
 * @param sample number of the drawing, below 2^32
 * @returns points y down, the digit about 100 high, in drawing order; pressure in (0, 1]
 * @throws RangeError when the name is unknown, or seed, sample or strength is out of range
 * @example
 * ```ts
 * strokesToImage(generateStrokes('seven-crossed', 1, 0)).image;
 * ```
 */
export function generateStrokes(
  variant: HandwritingVariant | string,
  seed: number,
  sample: number,
  { strength = 1 }: StrokesOptions = {},
): Stroke[] {
  if (!(strength >= 0 && strength <= 2)) {
    throw new RangeError(`generateStrokes: strength must be in [0, 2], got ${strength}`);
  }
  const template = typeof variant === 'string' ? selectVariants([variant])[0] : variant;
  const random = openRandomStream({
    seed,
    purpose: RandomPurpose.handwriting,
    site: HandwritingSite.strokes,
    sample,
  });
  const hand = drawHand(random, template, strength);
  const hasPressure = random.chance(0.6);
  const grid = random.chance(0.5) ? strength * random.uniform(0.2, MAX_GRID) : 0;
  const knots = template.strokes.map((path, i) => {
    const stroke = knotsOf(path);
    const isRing = template.rings?.includes(i) === true;
    return isRing ? startRingAt(stroke, integerFromWord(random.word(), stroke.length - 1)) : stroke;
  });
  const centre = middleOf(knots);
  return knots.map((stroke, i) => {
    const points = tracePoints(jitterStroke(random, stroke, i === 0, hand.looseness), hand, centre);
    const trembling = tremble(random, roundCorners(points, hand.haste), hand.tremor);
    const pressed = hasPressure ? press(random, trembling) : trembling;
    return grid > 0 ? snap(pressed, grid) : pressed;
  });
}

const parsed = new Map<string, readonly Knot[]>();

function knotsOf(path: string): readonly Knot[] {
  const known = parsed.get(path) ?? parsePath(path);
  parsed.set(path, known);
  return known;
}

function middleOf(strokes: readonly (readonly Knot[])[]): number {
  const all = strokes.flatMap((knots) => knots.map(({ x }) => x));
  return (Math.min(...all) + Math.max(...all)) / 2;
}

/** Samples the curve: a quick pen leaves points further apart. */
function tracePoints(knots: readonly Knot[], hand: Hand, centre: number): StrokePoint[] {
  const spacing = SPACING[0] + hand.haste * (SPACING[1] - SPACING[0]);
  const points: StrokePoint[] = [place(hand, centre, knots[0].x, knots[0].y)];
  for (let i = 1; i < knots.length; i++) {
    const from = knots[i - 1];
    const to = knots[i];
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    const numPieces = Math.max(1, Math.ceil((1.1 * Math.sqrt(dx * dx + dy * dy)) / spacing));
    for (let k = 1; k <= numPieces; k++) points.push(place(hand, centre, ...pointBetween(from, to, k / numPieces)));
  }
  return points;
}

/** Means over neighbours, narrower towards the ends, which stay. */
function roundCorners(points: readonly StrokePoint[], haste: number): StrokePoint[] {
  const radius = Math.floor(haste * (MAX_ROUNDING + 1));
  return points.map((_, i) => {
    const reach = Math.min(radius, i, points.length - 1 - i);
    let [x, y] = [0, 0];
    for (let j = i - reach; j <= i + reach; j++) {
      x += points[j][0];
      y += points[j][1];
    }
    return [x / (2 * reach + 1), y / (2 * reach + 1)];
  });
}

function tremble(random: RandomStream, points: readonly StrokePoint[], tremor: number): StrokePoint[] {
  const dx = smoothNoise(random, points.length, TREMOR_POINTS);
  const dy = smoothNoise(random, points.length, TREMOR_POINTS);
  return points.map(([x, y], i) => [x + tremor * dx[i], y + tremor * dy[i]]);
}

/** Pressure wanders along the stroke and is lighter where the pen lands and lifts. */
function press(random: RandomStream, points: readonly StrokePoint[]): StrokePoint[] {
  const wander = smoothNoise(random, points.length, 10);
  const landing = random.uniform(0.4, 1);
  const lifting = random.uniform(0.3, 1);
  const fade = 0.15 * points.length;
  return points.map(([x, y], i) => {
    const start = Math.min(1, landing + ((1 - landing) * i) / fade);
    const end = Math.min(1, lifting + ((1 - lifting) * (points.length - 1 - i)) / fade);
    return [x, y, Math.min(1, 0.6 * (1 + 0.5 * wander[i]) * start * end)];
  });
}

function snap(points: readonly StrokePoint[], grid: number): StrokePoint[] {
  return points.map(([x, y, ...pressure]) => [Math.round(x / grid) * grid, Math.round(y / grid) * grid, ...pressure]);
}

/** Random values in [-1, 1) every `period` places, joined by smooth steps. */
function smoothNoise(random: RandomStream, count: number, period: number): Float64Array {
  const noise = new Float64Array(count);
  let from = random.uniform(-1, 1);
  let to = random.uniform(-1, 1);
  for (let i = 0; i < count; i++) {
    const t = (i % period) / period;
    if (t === 0 && i > 0) [from, to] = [to, random.uniform(-1, 1)];
    noise[i] = from + (to - from) * t * t * (3 - 2 * t);
  }
  return noise;
}
