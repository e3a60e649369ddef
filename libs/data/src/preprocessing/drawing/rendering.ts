import { toBytes } from '../image/plane.ts';
import type { Stroke, StrokePoint } from './stroke.ts';

/**
 * Draws strokes with a round pen. A pixel's value is how far its centre lies inside the ink, over a ramp of one pixel:
 * exact area for a straight edge along the grid, and within 5% of it at any angle.
 *
 * @param strokes in pixels, pixel i covers [i, i + 1)
 * @param penRadius in pixels, for each point
 * @returns `[height, width]` uint8, white on black
 */
export function drawStrokes(
  strokes: readonly Stroke[],
  width: number,
  height: number,
  penRadius: (point: StrokePoint) => number,
): Uint8Array {
  // How far inside the ink each pixel centre lies; negative outside, and never less than half a pixel outside.
  const depth = new Float64Array(width * height).fill(-0.5);
  for (const stroke of strokes) {
    if (stroke.length === 1) drawSegment(depth, width, height, stroke[0], stroke[0], penRadius);
    for (let i = 1; i < stroke.length; i++) drawSegment(depth, width, height, stroke[i - 1], stroke[i], penRadius);
  }
  for (let i = 0; i < depth.length; i++) depth[i] += 0.5;
  return toBytes(depth, 255);
}

function drawSegment(
  depth: Float64Array,
  width: number,
  height: number,
  from: StrokePoint,
  to: StrokePoint,
  penRadius: (point: StrokePoint) => number,
): void {
  const radiusFrom = penRadius(from);
  const radiusTo = penRadius(to);
  const reach = Math.max(radiusFrom, radiusTo) + 0.5;
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const squaredLength = dx * dx + dy * dy;
  const left = Math.max(0, Math.floor(Math.min(from[0], to[0]) - reach));
  const right = Math.min(width - 1, Math.floor(Math.max(from[0], to[0]) + reach));
  const top = Math.max(0, Math.floor(Math.min(from[1], to[1]) - reach));
  const bottom = Math.min(height - 1, Math.floor(Math.max(from[1], to[1]) + reach));
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - from[0];
      const py = row + 0.5 - from[1];
      const t = squaredLength > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / squaredLength)) : 0;
      const x = px - t * dx;
      const y = py - t * dy;
      const inside = radiusFrom + t * (radiusTo - radiusFrom) - Math.sqrt(x * x + y * y);
      const i = row * width + column;
      if (inside > depth[i]) depth[i] = inside;
    }
  }
}
