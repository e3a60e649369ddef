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
  const reach = Math.ceil(growth + 1);
  const columnDistance = columnDistances(mask, width, height, 0, width + height);
  const squared = new Int32Array(mask.length).fill(reach * reach);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const own = columnDistance[i];
      if (own >= reach) continue;
      if (own * own < squared[i]) squared[i] = own * own;
      // Ink beyond a neighbour that is nearer to it in its own column is nearer to all pixels there.
      if (x + 1 < width && columnDistance[i + 1] > own) spread(squared, i, 1, Math.min(reach, width - x), own * own);
      if (x > 0 && columnDistance[i - 1] > own) spread(squared, i, -1, Math.min(reach, x + 1), own * own);
    }
  }
  const coverage = Float32Array.from({ length: reach * reach + 1 }, (_, d) =>
    Math.min(1, Math.max(0, growth + 1 - Math.fround(Math.sqrt(d)))),
  );
  const result = new Float32Array(mask.length);
  for (let i = 0; i < result.length; i++) result[i] = coverage[squared[i]];
  return result;
}

/** Lowers the squared distances of the pixels at less than `reach` along the row from pixel `i`, whose own one is given. */
function spread(squared: Int32Array, i: number, direction: 1 | -1, reach: number, own: number): void {
  for (let dx = 1, j = i + direction; dx < reach; dx++, j += direction) {
    if (own + dx * dx < squared[j]) squared[j] = own + dx * dx;
  }
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
  const ring = new Uint8Array(8);
  for (const i of order) {
    readRing(ring, thin, i, width, height);
    if (isRemovable(ring)) thin[i] = 0;
  }
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

/** Reads the eight neighbours of a pixel; those beyond the border are 0. */
function readRing(ring: Uint8Array, mask: Uint8Array, i: number, width: number, height: number): void {
  const x = i % width;
  const y = (i - x) / width;
  for (let k = 0; k < 8; k++) {
    const [dx, dy] = CIRCLE[k];
    const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
    ring[k] = inside ? mask[i + dx + dy * width] : 0;
  }
}

/** Whether the shape stays as connected without the pixel (its 8-crossing number is 1) and the pixel is no stroke's end. */
function isRemovable(ring: Uint8Array): boolean {
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
  // Beyond the border is paper: it bounds ink, and it does not bound paper.
  const edge = inside === 1 ? 0 : width + height;
  const columnDistance = columnDistances(mask, width, height, inside, edge);
  const result = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
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

/** Distances within each column; `edge` is that of the pixels beyond the border. */
function columnDistances(mask: Uint8Array, width: number, height: number, inside: 0 | 1, edge: number): Int32Array {
  const distance = new Int32Array(width * height);
  const lastRow = distance.length - width;
  for (let i = 0; i < width; i++) if (mask[i] === inside) distance[i] = edge + 1;
  for (let i = width; i < distance.length; i++) if (mask[i] === inside) distance[i] = distance[i - width] + 1;
  for (let i = lastRow; i < distance.length; i++) if (distance[i] > edge + 1) distance[i] = edge + 1;
  for (let i = lastRow - 1; i >= 0; i--) {
    const below = distance[i + width] + 1;
    if (distance[i] > below) distance[i] = below;
  }
  return distance;
}
