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

/**
 * Exact Euclidean distances, in two passes.
 *
 * @param mask `[h, w]`
 * @param inside which value the distances are measured from
 * @returns `[h, w]` float32: from each pixel whose value is `inside` to the nearest pixel centre that isn't (the world
 * beyond the border isn't), 0 elsewhere
 * @see A. Meijster, J. Roerdink and W. Hesselink, "A general algorithm for computing distance transforms in linear time", 2000
 */
export function distances(mask: Uint8Array, width: number, height: number, inside: 0 | 1): Float32Array {
  const columnDistance = new Float64Array(width * height);
  const far = width + height;
  // Beyond the border is paper: it bounds ink, and it does not bound paper.
  const edge = inside === 1 ? 0 : far;
  for (let x = 0; x < width; x++) {
    let distance = edge;
    for (let y = 0, i = x; y < height; y++, i += width) {
      distance = mask[i] === inside ? distance + 1 : 0;
      columnDistance[i] = distance;
    }
    distance = edge;
    for (let y = height - 1, i = y * width + x; y >= 0; y--, i -= width) {
      distance = mask[i] === inside ? distance + 1 : 0;
      if (distance < columnDistance[i]) columnDistance[i] = distance;
    }
  }
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (mask[i] !== inside) continue;
      let best = columnDistance[i] * columnDistance[i];
      // Neighbours further along the row than the best distance cannot be nearer.
      for (let dx = 1; dx * dx < best; dx++) {
        const left = x - dx >= 0 ? columnDistance[i - dx] : edge;
        const right = x + dx < width ? columnDistance[i + dx] : edge;
        const nearest = left < right ? left : right;
        const squared = nearest * nearest + dx * dx;
        if (squared < best) best = squared;
      }
      result[i] = Math.sqrt(best);
    }
  }
  return result;
}
