import { portableExp } from '@digits/data';
import { nearestInside, SIDE } from './pixels.ts';

/** Standard deviations at which the kernel ends, as in scipy. */
const TRUNCATE = 4;

/** What a filter reads beyond the border: the nearest pixel or 0. */
export type Border = 'nearest' | 'zero';

/**
 * Filters every column of an image, then every row, with a Gaussian kernel.
 *
 * @param pixels `[28, 28]` float64
 * @param sigma standard deviation in pixels
 * @returns a new `[28, 28]` float64
 */
export function gaussianFilter(pixels: Float64Array, sigma: number, border: Border): Float64Array {
  const kernel = gaussianKernel(sigma);
  const columnsFiltered = filterLines(pixels, kernel, { numLines: SIDE, lineStride: 1, stride: SIDE }, border);
  return filterLines(columnsFiltered, kernel, { numLines: SIDE, lineStride: SIDE, stride: 1 }, border);
}

/** Filters the columns of an image only. See {@link gaussianFilter}. */
export function gaussianFilterColumns(pixels: Float64Array, sigma: number, border: Border): Float64Array {
  return filterLines(pixels, gaussianKernel(sigma), { numLines: SIDE, lineStride: 1, stride: SIDE }, border);
}

/** Half of a symmetric kernel that sums to 1, from its middle outwards. */
function gaussianKernel(sigma: number): readonly number[] {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const half = Array.from({ length: radius + 1 }, (_, i) => portableExp((-0.5 / (sigma * sigma)) * i * i));
  // Summed from one end to the other as in scipy: glass blur cuts decimals off, so the last bit counts.
  const sum = [...half.slice(1).reverse(), ...half].reduce((total, value) => total + value, 0);
  return half.map((value) => value / sum);
}

/** Lines of an image: the distance between their first pixels, and between the pixels of one. */
interface Lines {
  readonly numLines: number;
  readonly lineStride: number;
  readonly stride: number;
}

function filterLines(pixels: Float64Array, kernel: readonly number[], lines: Lines, border: Border): Float64Array {
  const { numLines, lineStride, stride } = lines;
  const filtered = new Float64Array(pixels.length);
  for (let line = 0; line < numLines; line++) {
    const start = line * lineStride;
    const at = (i: number): number => {
      const inside = nearestInside(i);
      return border === 'zero' && inside !== i ? 0 : pixels[start + inside * stride];
    };
    for (let i = 0; i < SIDE; i++) {
      let sum = at(i) * kernel[0];
      for (let k = kernel.length - 1; k >= 1; k--) sum += (at(i - k) + at(i + k)) * kernel[k];
      filtered[start + i * stride] = sum;
    }
  }
  return filtered;
}
