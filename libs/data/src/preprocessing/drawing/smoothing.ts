import type { Stroke, StrokePoint } from './stroke.ts';

/** Points further apart than this, in final pixels, are joined by a curve instead of a line. */
const SPARSE = 1.5;

/** A turn sharper than 60 degrees is a corner, whose cosine of 1/2 this is, and stays one. */
const CORNER_COSINE = 0.5;

/** Points of a smoothed stroke lie this far apart, in final pixels. */
const SPACING = 0.25;

/**
 * Turns sampled points into the line that the pen drew: steps of a coarse grid (an old tablet, a small canvas) are
 * smoothed along the stroke, and points far apart are joined by a curve through them. Corners stay to within the
 * grid's own step, and the ends stay where they are.
 *
 * @param stroke in final pixels, no two neighbours alike
 * @param step the grid that the points lie on, in final pixels; 0 for none
 */
export function smoothStroke(stroke: Stroke, step: number): Stroke {
  if (stroke.length < 3) return stroke;
  const curve = step > SPACING / 2 ? blur(resampleEvenly(stroke), step) : stroke;
  return joinByCurves(curve);
}

/**
 * The grid on which coordinates lie: their smallest difference from one point to the next on either axis.
 *
 * @returns in the strokes' own unit; 0 where no two points differ
 */
export function gridStep(strokes: readonly Stroke[]): number {
  let step = Infinity;
  for (const stroke of strokes) {
    for (let i = 1; i < stroke.length; i++) {
      const dx = Math.abs(stroke[i][0] - stroke[i - 1][0]);
      const dy = Math.abs(stroke[i][1] - stroke[i - 1][1]);
      if (dx > 0) step = Math.min(step, dx);
      if (dy > 0) step = Math.min(step, dy);
    }
  }
  return step === Infinity ? 0 : step;
}

/** Points every {@link SPACING} along the stroke, ends included. */
function resampleEvenly(stroke: Stroke): Stroke {
  const points: StrokePoint[] = [stroke[0]];
  let behind = 0;
  for (let i = 1; i < stroke.length; i++) {
    const from = stroke[i - 1];
    const length = distance(from, stroke[i]);
    let along = SPACING - behind;
    for (; along < length; along += SPACING) points.push(mix(from, stroke[i], along / length));
    behind = length - (along - SPACING);
  }
  points.push(stroke[stroke.length - 1]);
  return points;
}

/**
 * A blur along the stroke: a box of about two grid steps three times over (nearly a Gaussian), narrower towards the
 * ends so that they do not move.
 */
function blur(stroke: Stroke, step: number): Stroke {
  const radius = Math.min(Math.round(step / SPACING), 4);
  let points = stroke;
  for (let pass = 0; pass < 3; pass++) {
    const previous = points;
    points = previous.map((_, i) => {
      const reach = Math.min(radius, i, previous.length - 1 - i);
      let [x, y, pressure] = [0, 0, 0];
      for (let j = i - reach; j <= i + reach; j++) {
        x += previous[j][0];
        y += previous[j][1];
        pressure += previous[j][2] ?? 0;
      }
      const count = 2 * reach + 1;
      return withPressure(x / count, y / count, previous[i][2] === undefined ? undefined : pressure / count);
    });
  }
  return points;
}

/**
 * Catmull-Rom curves (cubic Hermite with tangents from the neighbours) across gaps; a straight line where both ends
 * are corners.
 *
 * @see E. Catmull and R. Rom, "A class of local interpolating splines", 1974
 */
function joinByCurves(stroke: Stroke): Stroke {
  const points: StrokePoint[] = [stroke[0]];
  for (let i = 1; i < stroke.length; i++) {
    const from = stroke[i - 1];
    const to = stroke[i];
    const length = distance(from, to);
    if (length > SPARSE) {
      const tangentFrom = tangentAt(stroke, i - 1, length, to);
      const tangentTo = tangentAt(stroke, i, length, from);
      const numPieces = Math.ceil(length / SPACING);
      for (let k = 1; k < numPieces; k++) points.push(hermite(from, to, tangentFrom, tangentTo, k / numPieces));
    }
    points.push(to);
  }
  return points;
}

/** The direction of the curve at a point, as long as the piece it is for; along the piece itself at ends and corners. */
function tangentAt(stroke: Stroke, i: number, length: number, other: StrokePoint): [number, number] {
  const point = stroke[i];
  const isStart = i + 1 < stroke.length && stroke[i + 1] === other;
  const chord: [number, number] = isStart
    ? [other[0] - point[0], other[1] - point[1]]
    : [point[0] - other[0], point[1] - other[1]];
  if (i === 0 || i === stroke.length - 1) return chord;
  const before = stroke[i - 1];
  const after = stroke[i + 1];
  const lengthIn = distance(before, point);
  const lengthOut = distance(point, after);
  const unitIn = [(point[0] - before[0]) / lengthIn, (point[1] - before[1]) / lengthIn];
  const unitOut = [(after[0] - point[0]) / lengthOut, (after[1] - point[1]) / lengthOut];
  if (unitIn[0] * unitOut[0] + unitIn[1] * unitOut[1] < CORNER_COSINE) return chord;
  // The nearer neighbour's direction counts for more, or a long piece would swing the curve out on a short one.
  const x = unitIn[0] * lengthOut + unitOut[0] * lengthIn;
  const y = unitIn[1] * lengthOut + unitOut[1] * lengthIn;
  const norm = Math.sqrt(x * x + y * y);
  return [(x / norm) * length, (y / norm) * length];
}

function hermite(
  from: StrokePoint,
  to: StrokePoint,
  tangentFrom: readonly [number, number],
  tangentTo: readonly [number, number],
  t: number,
): StrokePoint {
  const u = 1 - t;
  const a = u * u * (1 + 2 * t);
  const b = t * u * u;
  const c = t * t * (3 - 2 * t);
  const d = -t * t * u;
  const x = a * from[0] + b * tangentFrom[0] + c * to[0] + d * tangentTo[0];
  const y = a * from[1] + b * tangentFrom[1] + c * to[1] + d * tangentTo[1];
  return withPressure(x, y, mix(from, to, t)[2]);
}

function mix(from: StrokePoint, to: StrokePoint, t: number): StrokePoint {
  const pressure = from[2] === undefined || to[2] === undefined ? undefined : from[2] + t * (to[2] - from[2]);
  return withPressure(from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]), pressure);
}

function withPressure(x: number, y: number, pressure: number | undefined): StrokePoint {
  return pressure === undefined ? [x, y] : [x, y, pressure];
}

function distance(a: StrokePoint, b: StrokePoint): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  return Math.sqrt(dx * dx + dy * dy);
}
