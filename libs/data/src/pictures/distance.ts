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
