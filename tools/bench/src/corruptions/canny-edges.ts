import { gaussianFilter } from './gaussian-filter.ts';
import { nearestInside, NUM_PIXELS, SIDE, toUnit } from './pixels.ts';

const SIGMA = 1;
/** Gradient that a pixel of an edge needs, and that one pixel of every edge needs. */
const THRESHOLDS = { low: 0.1, high: 0.2 };

/** Gradient of an image: down, to the right, and its length. */
interface Gradient {
  readonly down: Float64Array;
  readonly right: Float64Array;
  readonly length: Float64Array;
}

/**
 * Finds edges as scikit-image's `feature.canny` does: Gaussian filter, Sobel gradient, pixels that are the maximum across the
 * edge, and those connected to a strong one.
 *
 * @returns `[28, 28]` float64, 1 on an edge
 */
export function cannyEdges(image: Uint8Array): Float64Array {
  // Beyond the border there is nothing: the kernel's weights there do not count.
  const weights = gaussianFilter(new Float64Array(NUM_PIXELS).fill(1), SIGMA, 'zero');
  const smooth = gaussianFilter(toUnit(image), SIGMA, 'zero').map((value, i) => value / (weights[i] + Number.EPSILON));
  const down = sobelDown(smooth);
  const right = transpose(sobelDown(transpose(smooth)));
  const length = down.map((value, i) => Math.sqrt(value * value + right[i] * right[i]));
  const gradient = { down, right, length };
  return keepStrong(
    length.map((value, i) => (isCandidate(i) && value >= THRESHOLDS.low && isMaximum(gradient, i) ? value : 0)),
  );
}

/** Returns whether a pixel is not on the border, where there is no gradient on both sides. */
function isCandidate(i: number): boolean {
  const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
  return x > 0 && x < SIDE - 1 && y > 0 && y < SIDE - 1;
}

/** Returns whether the gradient on both sides of a pixel, interpolated along its direction, is no longer than its own. */
function isMaximum({ down, right, length }: Gradient, i: number): boolean {
  const [steepDown, steepRight] = [Math.abs(down[i]), Math.abs(right[i])];
  const isFalling = (down[i] >= 0 && right[i] >= 0) || (down[i] <= 0 && right[i] <= 0);
  const isSteep = steepDown > steepRight || (steepDown === steepRight && !isFalling);
  const weight = isSteep ? steepRight / steepDown : steepDown / steepRight;
  const diagonal = isFalling ? SIDE + 1 : 1 - SIDE;
  const straight = isSteep ? (isFalling ? SIDE : -SIDE) : 1;
  return [1, -1].every((side) => {
    const between = length[i + side * diagonal] * weight + length[i + side * straight] * (1 - weight);
    return between <= length[i];
  });
}

/** Keeps pixels that are connected, diagonally too, to one above the high threshold. */
function keepStrong(thin: Float64Array): Float64Array {
  const kept = new Float64Array(NUM_PIXELS);
  const open: number[] = [];
  const keep = (i: number): void => {
    if (thin[i] === 0 || kept[i] === 1) return;
    kept[i] = 1;
    open.push(i);
  };
  thin.forEach((value, i) => {
    if (value >= THRESHOLDS.high) keep(i);
  });
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    for (const dy of [-SIDE, 0, SIDE]) for (const dx of [-1, 0, 1]) keep(i + dy + dx);
  }
  return kept;
}

/** Sobel filter: the difference between the rows below and above, smoothed along the row; beyond the border, rows repeat. */
function sobelDown(pixels: Float64Array): Float64Array {
  const at = (x: number, y: number): number => pixels[nearestInside(y) * SIDE + nearestInside(x)];
  const difference = pixels.map((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return at(x, y + 1) - at(x, y - 1);
  });
  return difference.map((value, i) => {
    const row = i - (i % SIDE);
    const x = i % SIDE;
    return 2 * value + (difference[row + nearestInside(x - 1)] + difference[row + nearestInside(x + 1)]);
  });
}

function transpose(pixels: Float64Array): Float64Array {
  return pixels.map((_, i) => pixels[(i % SIDE) * SIDE + Math.floor(i / SIDE)]);
}
