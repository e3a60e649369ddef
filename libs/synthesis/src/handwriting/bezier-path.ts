/** A point that a path of cubic Bezier curves passes, with its handles relative to it; ends lack one. */
export interface Knot {
  readonly x: number;
  readonly y: number;
  readonly handleIn: Vector;
  readonly handleOut: Vector;
  /** Whether the path passes without a corner, so that both handles have to turn together. */
  readonly smooth: boolean;
}

export type Vector = readonly [x: number, y: number];

/** Handles within about 25 degrees of one line make a smooth passage: its cosine. */
const SMOOTH_COSINE = 0.9;

/**
 * Reads SVG path data of one stroke: `M x y`, then `L x y` and `C x1 y1 x2 y2 x y`, absolute, blanks between all.
 * A straight line becomes a cubic curve with its handles at the thirds.
 *
 * @throws RangeError where the data is anything else
 * @see https://www.w3.org/TR/SVG2/paths.html
 */
export function parsePath(path: string): Knot[] {
  const tokens = path.split(' ');
  const points: Vector[] = [];
  const into: Vector[] = [];
  const out: Vector[] = [];
  let place = 0;
  const read = (): Vector => {
    const x = Number(tokens[place++]);
    const y = Number(tokens[place++]);
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw pathError(path);
    return [x, y];
  };
  while (place < tokens.length) {
    const command = tokens[place++];
    const from = points.at(-1);
    if (command === 'M' && from === undefined) {
      points.push(read());
      into.push([0, 0]);
    } else if (command === 'C' && from !== undefined) {
      const [first, second, to] = [read(), read(), read()];
      out.push(minus(first, from));
      into.push(minus(second, to));
      points.push(to);
    } else if (command === 'L' && from !== undefined) {
      const to = read();
      out.push([(to[0] - from[0]) / 3, (to[1] - from[1]) / 3]);
      into.push([(from[0] - to[0]) / 3, (from[1] - to[1]) / 3]);
      points.push(to);
    } else {
      throw pathError(path);
    }
  }
  if (points.length < 2) throw pathError(path);
  out.push([0, 0]);
  return points.map(([x, y], i) => ({
    x,
    y,
    handleIn: into[i],
    handleOut: out[i],
    smooth: isSmooth(into[i], out[i]),
  }));
}

/** The same closed ring, begun at its knot `start` instead of its first. */
export function startRingAt(ring: readonly Knot[], start: number): Knot[] {
  const closing = ring[ring.length - 1];
  const joined = { ...ring[0], handleIn: closing.handleIn, smooth: isSmooth(closing.handleIn, ring[0].handleOut) };
  const around = [joined, ...ring.slice(1, -1)];
  const turned = [...around.slice(start), ...around.slice(0, start)];
  const first = { ...turned[0], handleIn: [0, 0] as const, smooth: false };
  const last = { ...turned[0], handleOut: [0, 0] as const, smooth: false };
  return [first, ...turned.slice(1), last];
}

/** @returns the point at `t` in [0, 1] between two neighbouring knots */
export function pointBetween(from: Knot, to: Knot, t: number): Vector {
  const u = 1 - t;
  const a = u * u * u;
  const b = 3 * u * u * t;
  const c = 3 * u * t * t;
  const d = t * t * t;
  return [
    a * from.x + b * (from.x + from.handleOut[0]) + c * (to.x + to.handleIn[0]) + d * to.x,
    a * from.y + b * (from.y + from.handleOut[1]) + c * (to.y + to.handleIn[1]) + d * to.y,
  ];
}

function isSmooth(into: Vector, out: Vector): boolean {
  const length = Math.sqrt((into[0] * into[0] + into[1] * into[1]) * (out[0] * out[0] + out[1] * out[1]));
  return length > 0 && -(into[0] * out[0] + into[1] * out[1]) > SMOOTH_COSINE * length;
}

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1]];
}

function pathError(path: string): RangeError {
  return new RangeError(`parsePath: path must be 'M x y' and then 'L x y' or 'C x1 y1 x2 y2 x y', got '${path}'`);
}
