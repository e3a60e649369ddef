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

/** Which source pixels make each target pixel on one axis. */
interface Taps {
  /** Number of neighbouring source pixels per target pixel; 4 is the most frequent, so its loops are unrolled. */
  readonly numTaps: number;
  /** `[count]`: the first of them. */
  readonly firsts: Int32Array;
  /** `[count, numTaps]`. */
  readonly weights: Float64Array;
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
  const left = columns.firsts[0];
  const right = columns.firsts[width - 1] + columns.numTaps;
  const line = new Float64Array(source.width);
  for (let y = 0; y < height; y++) {
    mixRows(source, rows, y, line, left, right);
    mixColumns(line, columns, target.values, y * width);
  }
  return target;
}

/** Weights the source's rows that make row `y` of the target, from column `left` to before `right`. */
function mixRows(
  { width, values }: Plane,
  { numTaps, firsts, weights }: Taps,
  y: number,
  line: Float64Array,
  left: number,
  right: number,
): void {
  const w = y * numTaps;
  const start = firsts[y] * width;
  if (numTaps === 4) {
    const [w0, w1, w2, w3] = [weights[w], weights[w + 1], weights[w + 2], weights[w + 3]];
    for (let x = left, i = start + left; x < right; x++, i++) {
      line[x] = w0 * values[i] + w1 * values[i + width] + w2 * values[i + 2 * width] + w3 * values[i + 3 * width];
    }
    return;
  }
  line.fill(0, left, right);
  for (let j = 0; j < numTaps; j++) {
    const weight = weights[w + j];
    if (weight === 0) continue;
    for (let x = left, i = start + j * width + left; x < right; x++, i++) line[x] += weight * values[i];
  }
}

/** Weights the values of a line that make a row of the target. */
function mixColumns(line: Float64Array, { numTaps, firsts, weights }: Taps, out: Float32Array, start: number): void {
  if (numTaps === 4) {
    for (let x = 0, w = 0; x < firsts.length; x++, w += 4) {
      const i = firsts[x];
      out[start + x] =
        weights[w] * line[i] +
        weights[w + 1] * line[i + 1] +
        weights[w + 2] * line[i + 2] +
        weights[w + 3] * line[i + 3];
    }
    return;
  }
  for (let x = 0, w = 0; x < firsts.length; x++) {
    let sum = 0;
    for (let i = firsts[x], end = i + numTaps; i < end; i++, w++) sum += weights[w] * line[i];
    out[start + x] = sum;
  }
}

/** A box of the target pixel's size where it spans more than a source pixel, else a cubic over four source pixels. */
function tapsOf(start: number, length: number, count: number, limit: number): Taps {
  const step = length / count;
  const shrinks = step >= 1;
  const numTaps = Math.min(limit, shrinks ? Math.ceil(step) + 1 : 4);
  const firsts = new Int32Array(count);
  const weights = new Float64Array(count * numTaps);
  for (let i = 0, w = 0; i < count; i++) {
    const from = start + i * step;
    const to = from + step;
    const middle = from + step / 2;
    // At the border, the taps within the source are those with the weights; the others get 0.
    const first = Math.max(0, Math.min(limit - numTaps, Math.floor(shrinks ? from : middle - 1.5)));
    firsts[i] = first;
    for (let j = first; j < first + numTaps; j++, w++) {
      weights[w] = shrinks
        ? Math.max(0, Math.min(to, j + 1) - Math.max(from, j)) / step
        : cubicWeight(Math.abs(j + 0.5 - middle));
    }
  }
  return { numTaps, firsts, weights };
}

/** Keys' cubic that goes through the source's values (a = -1/2). */
function cubicWeight(distance: number): number {
  if (distance < 1) return 1 + distance * distance * (1.5 * distance - 2.5);
  return distance < 2 ? 2 + distance * (-4 + distance * (2.5 - 0.5 * distance)) : 0;
}
