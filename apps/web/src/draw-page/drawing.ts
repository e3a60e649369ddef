import type { Stroke, StrokePoint } from '@digits/data';

type Strokes = readonly Stroke[];

/** A drawing and the way there and back. */
export interface DrawingHistory {
  readonly strokes: Strokes;
  /** Earlier drawings, the latest last. */
  readonly past: readonly Strokes[];
  /** Drawings that were undone, the next last. */
  readonly future: readonly Strokes[];
}

/** What can happen to a drawing. */
export type DrawingAction =
  { readonly type: 'draw'; readonly strokes: Strokes } | { readonly type: 'undo' } | { readonly type: 'redo' };

/** A surface on which nothing was drawn yet. */
export const EMPTY_HISTORY: DrawingHistory = { strokes: [], past: [], future: [] };

/** More steps than this are not remembered. */
const MAX_STEPS = 200;

/** Gives the history after an action; the same one where there is nothing to do. */
export function reduceDrawing(history: DrawingHistory, action: DrawingAction): DrawingHistory {
  const { strokes, past, future } = history;
  switch (action.type) {
    case 'draw':
      if (action.strokes === strokes || (action.strokes.length === 0 && strokes.length === 0)) return history;
      return { strokes: action.strokes, past: [...past, strokes].slice(-MAX_STEPS), future: [] };
    case 'undo': {
      const previous = past.at(-1);
      if (previous === undefined) return history;
      return { strokes: previous, past: past.slice(0, -1), future: [...future, strokes] };
    }
    case 'redo': {
      const next = future.at(-1);
      if (next === undefined) return history;
      return { strokes: next, past: [...past, strokes], future: future.slice(0, -1) };
    }
  }
}

/** Side of the square drawing surface in the unit of stored strokes, at any size on the screen. */
export const SURFACE_SIDE = 1000;

/** The pen's width in that unit: a felt pen's, a fourteenth of a digit that fills two thirds of the surface. */
export const PEN_WIDTH = 46;

/** Radius of the eraser in that unit. */
export const ERASER_RADIUS = 45;

/** Firm pressure draws this much wider than none, in shares of the pen's width. */
const PRESSURE_SPREAD = 0.9;

/** Draws strokes as smooth lines with round ends and taps as dots; the caller has set the stroke colour and the scale. */
export function drawInk(context: CanvasRenderingContext2D, strokes: readonly Stroke[]): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) {
    if (extentOf(stroke) === 0) drawDot(context, stroke[0]);
    else if (stroke.some((point) => point.length === 3)) drawPressed(context, stroke);
    else drawEven(context, stroke);
  }
}

/** Fills a circle, because a canvas drops lines of no length. */
function drawDot(context: CanvasRenderingContext2D, [x, y, pressure]: StrokePoint): void {
  context.fillStyle = context.strokeStyle;
  context.beginPath();
  context.arc(x, y, widthAt(pressure) / 2, 0, 2 * Math.PI);
  context.fill();
}

/** One path through the middles of neighbouring points, which the points pull into curves. */
function drawEven(context: CanvasRenderingContext2D, stroke: Stroke): void {
  context.lineWidth = PEN_WIDTH;
  context.beginPath();
  const [first] = stroke;
  context.moveTo(first[0], first[1]);
  for (let i = 1; i < stroke.length - 1; i++) {
    const [x, y] = middle(stroke[i], stroke[i + 1]);
    context.quadraticCurveTo(stroke[i][0], stroke[i][1], x, y);
  }
  const last = stroke[stroke.length - 1];
  context.lineTo(last[0], last[1]);
  context.stroke();
}

/** Draws like {@link drawEven}, but piece by piece, because a path has only one width. */
function drawPressed(context: CanvasRenderingContext2D, stroke: Stroke): void {
  let from: readonly [number, number] = [stroke[0][0], stroke[0][1]];
  stroke.forEach((point, i) => {
    const [x, y, pressure] = point;
    const to = i === stroke.length - 1 ? ([x, y] as const) : middle(point, stroke[i + 1]);
    context.lineWidth = widthAt(pressure);
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.quadraticCurveTo(x, y, to[0], to[1]);
    context.stroke();
    from = to;
  });
}

function widthAt(pressure = 0.5): number {
  return PEN_WIDTH * (1 + PRESSURE_SPREAD * (pressure - 0.5));
}

function middle(a: StrokePoint, b: StrokePoint): readonly [number, number] {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/** A stroke no longer than this is a tap: a finger slides so far without meaning to draw. */
const MAX_TAP = PEN_WIDTH / 2;

/**
 * Leaves out taps beside strokes. They are accidents, but the reader would take each for a separate character.
 *
 * @returns the same array if there is nothing to leave out, such as taps alone
 */
export function withoutStrayTaps(strokes: readonly Stroke[]): readonly Stroke[] {
  const drawn = strokes.filter((stroke) => extentOf(stroke) > MAX_TAP);
  return drawn.length === 0 || drawn.length === strokes.length ? strokes : drawn;
}

/** Longer side of the box around a stroke's points. */
function extentOf(stroke: Stroke): number {
  const [xs, ys] = [stroke.map(([x]) => x), stroke.map(([, y]) => y)];
  return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

/**
 * Takes away what an eraser touched on its way between two points. Strokes are cut where it crossed them.
 *
 * @param radius of the eraser, in the strokes' unit
 * @returns the same array where nothing was touched
 */
export function eraseStrokes(
  strokes: readonly Stroke[],
  from: StrokePoint,
  to: StrokePoint,
  radius: number,
): readonly Stroke[] {
  const isErased = (point: StrokePoint): boolean => distanceToSegment(point, from, to) <= radius;
  const pieces = strokes.map((stroke) => {
    // Points may lie further apart than the eraser is wide.
    const dense = densify(stroke, radius / 4);
    return dense.some(isErased) ? split(dense, isErased) : [stroke];
  });
  const isSame = pieces.every((parts, i) => parts.length === 1 && parts[0] === strokes[i]);
  return isSame ? strokes : pieces.flat();
}

function densify(stroke: Stroke, spacing: number): Stroke {
  return stroke.flatMap((point, i): StrokePoint[] => {
    if (i === 0) return [point];
    const previous = stroke[i - 1];
    const [dx, dy] = [point[0] - previous[0], point[1] - previous[1]];
    const numPieces = Math.max(1, Math.ceil(Math.hypot(dx, dy) / spacing));
    return Array.from({ length: numPieces }, (_, k): StrokePoint => {
      const t = (k + 1) / numPieces;
      const [, , pressure] = point;
      const place = [previous[0] + t * dx, previous[1] + t * dy] as const;
      return pressure === undefined ? place : [...place, pressure];
    });
  });
}

function split(stroke: Stroke, isErased: (point: StrokePoint) => boolean): Stroke[] {
  const pieces: StrokePoint[][] = [[]];
  for (const point of stroke) {
    if (!isErased(point)) pieces[pieces.length - 1].push(point);
    else if (pieces[pieces.length - 1].length > 0) pieces.push([]);
  }
  return pieces.filter((piece) => piece.length > 0);
}

function distanceToSegment(point: StrokePoint, a: StrokePoint, b: StrokePoint): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / squared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(point[0] - a[0] - t * dx, point[1] - a[1] - t * dy);
}
