import { type Box, boxAroundPoints } from '../geometry.ts';

/** A point of a stroke: x to the right, y down, in any unit; pressure, where the pen tells it, in [0, 1]. */
export type StrokePoint = readonly [x: number, y: number, pressure?: number];

/** What the pen drew from where it touched down to where it was lifted. */
export type Stroke = readonly StrokePoint[];

/**
 * Checks that strokes are finite points.
 *
 * @returns the strokes without empty ones and without repeated points
 * @throws RangeError where a coordinate or a pressure is not finite
 */
export function checkStrokes(caller: string, strokes: readonly Stroke[]): Stroke[] {
  return strokes
    .map((stroke, s) =>
      stroke.filter((point, p) => {
        const [x, y, pressure = 0] = point;
        if (!Number.isFinite(x) || !Number.isFinite(y) || !Number.isFinite(pressure)) {
          throw new RangeError(
            `${caller}: strokes[${s}][${p}] must be finite numbers, got [${point.map(String).join(', ')}]`,
          );
        }
        return p === 0 || x !== stroke[p - 1][0] || y !== stroke[p - 1][1];
      }),
    )
    .filter((stroke) => stroke.length > 0);
}

/** Returns the box around all points, without the pen's width. */
export function boxOfStrokes(strokes: readonly Stroke[]): Box {
  return boxAroundPoints(strokes.flat());
}
