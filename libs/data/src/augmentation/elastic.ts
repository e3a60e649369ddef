import { fillRandomWords, type RandomKey, symmetricFromWord } from '../randomness/random.ts';
import type { DisplacementField } from './warp.ts';

/** A smooth displacement field: displacements on a coarse grid, interpolated bicubically (Catmull-Rom). */
export interface ElasticSettings {
  /** Largest displacement of a grid point on either axis, in pixels, in [0, 16]; drawn uniformly from +- that. */
  readonly displacement: number;
  /** Grid points a side, an integer in [2, 64]; the outer ones lie on the picture's outer pixels. */
  readonly gridSize: number;
}

/** How each pixel of a row (or column) is interpolated from the grid: made once for a size, used for every image. */
export interface CubicWeights {
  /** `[side, 4]` int32: the grid points around each pixel, cut at the grid's ends. */
  readonly points: Int32Array;
  /** `[side, 4]` int32: their weights in 1/4096, which sum to 4096. */
  readonly weights: Int32Array;
}

/**
 * Catmull-Rom weights of every pixel along one side, between grid points spread evenly from its first to its last
 * pixel. With position = x (gridSize - 1) / (side - 1), whole part k and fraction t, the points are k - 1 to k + 2 and
 * the weights (-t + 2 t^2 - t^3) / 2, (2 - 5 t^2 + 3 t^3) / 2, (t + 4 t^2 - 3 t^3) / 2 and (-t^2 + t^3) / 2; the first,
 * third and fourth are rounded half up to 1/4096, the second takes what is left.
 *
 * @param side pixels, at least 1
 * @param gridSize grid points, at least 2
 * @see Keys, "Cubic convolution interpolation for digital image processing", 1981
 */
export function cubicWeights(side: number, gridSize: number): CubicWeights {
  const points = new Int32Array(4 * side);
  const weights = new Int32Array(4 * side);
  for (let x = 0; x < side; x++) {
    const position = side === 1 ? 0 : (x * (gridSize - 1)) / (side - 1);
    const k = Math.floor(position);
    const t = position - k;
    const first = roundTo4096(((2 - t) * t - 1) * t * 0.5);
    const third = roundTo4096(((4 - 3 * t) * t + 1) * t * 0.5);
    const fourth = roundTo4096((t - 1) * t * t * 0.5);
    weights.set([first, 4096 - first - third - fourth, third, fourth], 4 * x);
    for (let j = 0; j < 4; j++) points[4 * x + j] = Math.min(gridSize - 1, Math.max(0, k - 1 + j));
  }
  return { points, weights };
}

/**
 * Draws the displacements of the grid points. From the key's stream, the point in row r and column c takes
 * words 2 i (x) and 2 i + 1 (y), where i = r * gridSize + c, each by `symmetricFromWord`, rounded half up to
 * 1/4096 pixel.
 *
 * @param settings must have passed `validateAugmentation`
 * @returns `[gridSize, gridSize, 2]` int32, x before y, in 1/4096 pixel
 * @throws RangeError when a part of the key is out of range
 */
export function elasticGrid(settings: ElasticSettings, key: RandomKey): Int32Array {
  const words = new Uint32Array(2 * settings.gridSize ** 2);
  fillRandomWords(key, words);
  return Int32Array.from(words, (word) => roundTo4096(symmetricFromWord(word, settings.displacement)));
}

/**
 * Interpolates a grid of displacements to every pixel: along x first, to 1/4096 pixel by (sum + 2048) >> 12, then along
 * y, to 1/256 pixel by (sum + 32768) >> 16. All of it fits into int32.
 *
 * @param grid from {@link elasticGrid}
 * @param columns weights along x, from {@link cubicWeights}
 * @param rows weights along y
 */
export function elasticField(grid: Int32Array, columns: CubicWeights, rows: CubicWeights): DisplacementField {
  return { dx: interpolateAxis(grid, 0, columns, rows), dy: interpolateAxis(grid, 1, columns, rows) };
}

function interpolateAxis(grid: Int32Array, axis: 0 | 1, columns: CubicWeights, rows: CubicWeights): Int32Array {
  const gridSize = Math.sqrt(grid.length / 2);
  const width = columns.points.length / 4;
  const height = rows.points.length / 4;
  const alongX = new Int32Array(gridSize * width);
  for (let r = 0; r < gridSize; r++) {
    for (let x = 0; x < width; x++) {
      let sum = 2048;
      for (let j = 4 * x; j < 4 * x + 4; j++) {
        sum += columns.weights[j] * grid[2 * (r * gridSize + columns.points[j]) + axis];
      }
      alongX[r * width + x] = sum >> 12;
    }
  }
  const field = new Int32Array(height * width);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let sum = 32768;
      for (let j = 4 * y; j < 4 * y + 4; j++) sum += rows.weights[j] * alongX[rows.points[j] * width + x];
      field[i] = sum >> 16;
    }
  }
  return field;
}

function roundTo4096(value: number): number {
  return Math.floor(value * 4096 + 0.5);
}
