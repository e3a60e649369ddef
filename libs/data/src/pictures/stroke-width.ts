import { distances } from './distance.ts';

/**
 * The mean width of the strokes of a shape: four times the mean distance to the edge, which in a bar of width w is
 * w / 4. Counts in pixels of the mask; 0 for an empty one.
 *
 * @param mask `[h, w]` of 0 and 1
 */
export function measureStrokeWidth(mask: Uint8Array, width: number, height: number): number {
  const depth = distances(mask, width, height, 1);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < depth.length; i++) {
    if (mask[i] === 0) continue;
    // Pixel centres lie half a pixel further from the next centre than from the edge.
    sum += depth[i] - 0.5;
    count++;
  }
  return count > 0 ? (4 * sum) / count : 0;
}

/**
 * Makes strokes wider by `growth` pixels on every side.
 *
 * @param mask `[h, w]` of 0 and 1
 * @returns `[h, w]` float32 coverage in [0, 1]
 */
export function thickenStrokes(mask: Uint8Array, width: number, height: number, growth: number): Float32Array {
  const outside = distances(mask, width, height, 0);
  return outside.map((distance) => Math.min(1, Math.max(0, growth + 1 - distance)));
}

/**
 * Peels `depth` pixels off every side of the strokes, but for pixels that hold a stroke together or end one: thin
 * parts of uneven strokes stay.
 *
 * @param mask `[h, w]` of 0 and 1
 * @returns `[h, w]` of 0 and 1
 */
export function thinStrokes(mask: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const distance = distances(mask, width, height, 1);
  const order: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0 && distance[i] <= depth) order.push(i);
  order.sort((a, b) => distance[a] - distance[b] || a - b);
  const thin = mask.slice();
  for (const i of order) if (isRemovable(thin, i, width, height)) thin[i] = 0;
  return thin;
}

/** The eight neighbours in a circle, as [dx, dy]. */
const CIRCLE = [
  [1, 0],
  [1, -1],
  [0, -1],
  [-1, -1],
  [-1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;

/** Whether the shape stays as connected without the pixel (its 8-crossing number is 1) and the pixel is no stroke's end. */
function isRemovable(mask: Uint8Array, i: number, width: number, height: number): boolean {
  const x = i % width;
  const y = (i - x) / width;
  const ring = CIRCLE.map(([dx, dy]) => {
    const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
    return inside ? mask[i + dx + dy * width] : 0;
  });
  let numNeighbours = 0;
  let crossings = 0;
  for (let k = 0; k < 8; k++) {
    numNeighbours += ring[k];
    if (k % 2 === 0 && ring[k] === 0 && (ring[k + 1] !== 0 || ring[(k + 2) % 8] !== 0)) crossings++;
  }
  return numNeighbours > 1 && crossings === 1;
}
