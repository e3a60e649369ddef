import type { Stroke, StrokePoint } from '@digits/data';

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
