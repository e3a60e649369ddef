import type { Box, PreparationStep } from './picture.ts';

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

/** @returns a mask (0 or 1 a pixel) as a step for display */
export function maskStep(name: string, width: number, height: number, mask: Uint8Array): PreparationStep {
  return { name, width, height, pixels: mask.map((value) => value * 255) };
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

/** @returns each 2x2 block's mean, `[ceil(h / 2), ceil(w / 2)]`; the last row and column stand in for missing ones */
export function halvePlane(plane: Plane): Plane {
  const { width, height, values } = plane;
  const half = createPlane((width + 1) >> 1, (height + 1) >> 1);
  for (let y = 0; y < half.height; y++) {
    const upper = 2 * y * width;
    const lower = 2 * y + 1 < height ? upper + width : upper;
    for (let x = 0; x < half.width; x++) {
      const left = 2 * x;
      const right = left + 1 < width ? left + 1 : left;
      half.values[y * half.width + x] =
        (values[upper + left] + values[upper + right] + values[lower + left] + values[lower + right]) / 4;
    }
  }
  return half;
}

/** Every third value is counted: neighbours tell little more, and 3 divides few widths. */
const QUANTILE_STRIDE = 3;

/** @returns the value below which the given share of the values lies, to a 4096th of their range */
export function quantiles(values: Float32Array, shares: readonly number[]): number[] {
  let low = Infinity;
  let high = -Infinity;
  let count = 0;
  for (let i = 0; i < values.length; i += QUANTILE_STRIDE, count++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  if (!(high > low)) return shares.map(() => low);
  const numBins = 4096;
  const perBin = (high - low) / numBins;
  const counts = new Uint32Array(numBins + 1);
  for (let i = 0; i < values.length; i += QUANTILE_STRIDE) counts[((values[i] - low) / perBin) | 0]++;
  return shares.map((share) => {
    let remaining = share * count;
    let bin = 0;
    while (bin < numBins && remaining > counts[bin]) remaining -= counts[bin++];
    return low + Math.min(bin + 0.5, numBins) * perBin;
  });
}
