import { createPlane, type Plane } from './plane.ts';

/** A rectangle in a plane's own coordinates: pixel i covers [i, i + 1). */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Which source pixels make one target pixel. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Resamples a region of a plane: area-weighted where it shrinks, cubic where it grows, which keeps the edges of a
 * small picture twice as sharp as lines between pixels do. Outside the plane is 0.
 *
 * @param source `[h, w]`
 * @param region in pixels of the source, fractions allowed; may reach beyond it
 * @returns `[height, width]`; the cubic may go beyond the source's values by up to an eighth of their range
 * @see R. Keys, "Cubic convolution interpolation for digital image processing", 1981
 */
export function resample(source: Plane, region: Region, width: number, height: number): Plane {
  const columns = tapsOf(region.left, region.width, width, source.width);
  const rows = tapsOf(region.top, region.height, height, source.height);
  const target = createPlane(width, height);
  const line = new Float64Array(source.width);
  rows.forEach(({ first, weights }, y) => {
    line.fill(0);
    weights.forEach((weight, j) => {
      const start = (first + j) * source.width;
      for (let x = 0; x < source.width; x++) line[x] += weight * source.values[start + x];
    });
    columns.forEach((taps, x) => {
      let sum = 0;
      for (let j = 0; j < taps.weights.length; j++) sum += taps.weights[j] * line[taps.first + j];
      target.values[y * width + x] = sum;
    });
  });
  return target;
}

/** A box of the target pixel's size where it spans more than a source pixel, else a cubic over four source pixels. */
function tapsOf(start: number, length: number, count: number, limit: number): Taps[] {
  const step = length / count;
  return Array.from({ length: count }, (_, i) => {
    const from = start + i * step;
    const middle = from + step / 2;
    const weightAt =
      step >= 1
        ? (j: number): number => Math.max(0, Math.min(from + step, j + 1) - Math.max(from, j)) / step
        : (j: number): number => cubicWeight(Math.abs(j + 0.5 - middle));
    const first = Math.max(0, Math.floor(step >= 1 ? from : middle - 1.5));
    const last = Math.min(limit - 1, Math.floor(step >= 1 ? from + step : middle + 1.5));
    const weights: number[] = [];
    for (let j = first; j <= last; j++) weights.push(weightAt(j));
    return { first, weights };
  });
}

/** Keys' cubic that goes through the source's values (a = -1/2). */
function cubicWeight(distance: number): number {
  if (distance < 1) return 1 + distance * distance * (1.5 * distance - 2.5);
  return distance < 2 ? 2 + distance * (-4 + distance * (2.5 - 0.5 * distance)) : 0;
}
