import type { Stroke, StrokePoint } from '@digits/data';

/** Side of the square drawing surface in the unit that strokes are kept in, whatever its size on the screen. */
export const SURFACE_SIDE = 1000;

/** The pen's width in that unit: a felt pen's, a fourteenth of a digit that fills two thirds of the surface. */
export const PEN_WIDTH = 46;

/** Radius of the eraser in that unit. */
export const ERASER_RADIUS = 45;

/** Firm pressure draws this much wider than none, in shares of the pen's width. */
const PRESSURE_SPREAD = 0.9;

/** Draws strokes as smooth lines with round ends; the caller has set colour and scale. */
export function drawInk(context: CanvasRenderingContext2D, strokes: readonly Stroke[]): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) {
    if (stroke.some((point) => point.length === 3)) drawPressed(context, stroke);
    else drawEven(context, stroke);
  }
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

/** As {@link drawEven}, piece by piece, as a path has one width only. */
function drawPressed(context: CanvasRenderingContext2D, stroke: Stroke): void {
  let from: readonly [number, number] = [stroke[0][0], stroke[0][1]];
  stroke.forEach((point, i) => {
    const [x, y, pressure = 0.5] = point;
    const to = i === stroke.length - 1 ? ([x, y] as const) : middle(point, stroke[i + 1]);
    context.lineWidth = PEN_WIDTH * (1 + PRESSURE_SPREAD * (pressure - 0.5));
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.quadraticCurveTo(x, y, to[0], to[1]);
    context.stroke();
    from = to;
  });
}

function middle(a: StrokePoint, b: StrokePoint): readonly [number, number] {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
