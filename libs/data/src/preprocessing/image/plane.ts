import type { Box } from '../geometry.ts';
import type { PreparationStep } from '../picture.ts';

/** One channel of a picture while it is worked on. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** `[height, width]` float32, row-major. */
  readonly values: Float32Array;
}

/** @returns a plane of zeros */
export function createPlane(width: number, height: number): Plane {
  return { width, height, values: new Float32Array(width * height) };
}

/** @returns the plane as a step for display, `scale` times its values, cut to [0, 255] */
export function planeStep(name: string, plane: Plane, scale: number): PreparationStep {
  return { name, width: plane.width, height: plane.height, pixels: toBytes(plane.values, scale) };
}

/** @returns `scale` times each value, rounded and cut to [0, 255] */
export function toBytes(values: Float32Array | Float64Array, scale: number): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) {
    const value = values[i] * scale;
    bytes[i] = value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
  }
  return bytes;
}

/** @returns 1 where a value is over the threshold, else 0 */
export function maskAbove(values: Float32Array, threshold: number): Uint8Array {
  const mask = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) mask[i] = values[i] > threshold ? 1 : 0;
  return mask;
}

/** @returns the part of a plane that lies in the box, which must lie within it */
export function cropPlane(plane: Plane, box: Box): Plane {
  const crop = createPlane(box.width, box.height);
  for (let y = 0; y < box.height; y++) {
    const start = (box.y + y) * plane.width + box.x;
    crop.values.set(plane.values.subarray(start, start + box.width), y * box.width);
  }
  return crop;
}

/**
 * Returns the values below which the given shares of the values lie, to a 4096th of their range.
 *
 * @param stride every how many values one is counted
 */
export function quantiles(values: Float32Array, shares: readonly number[], stride = 3): number[] {
  let low = Infinity;
  let high = -Infinity;
  let count = 0;
  for (let i = 0; i < values.length; i += stride, count++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  if (!(high > low)) return shares.map(() => low);
  const numBins = 4096;
  const perBin = (high - low) / numBins;
  const counts = new Uint32Array(numBins + 1);
  for (let i = 0; i < values.length; i += stride) counts[((values[i] - low) / perBin) | 0]++;
  return shares.map((share) => {
    let remaining = share * count;
    let bin = 0;
    while (bin < numBins && remaining > counts[bin]) remaining -= counts[bin++];
    return low + Math.min(bin + 0.5, numBins) * perBin;
  });
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
export function resample(source: Plane, region: Box, width: number, height: number): Plane {
  const columns = tapsOf(region.x, region.width, width, source.width);
  const rows = tapsOf(region.y, region.height, height, source.height);
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
