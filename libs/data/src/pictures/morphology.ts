import { createPlane, type Plane } from './plane.ts';

/**
 * Grey closing by a square: dark structures narrower than the square are filled with what lies around them, edges of
 * larger ones stay where they are. Beyond the border there is nothing.
 *
 * @param radius half the square's side: the side is 2 * radius + 1
 * @see M. van Herk, "A fast algorithm for local minimum and maximum filters on rectangular and octagonal kernels", 1992
 */
export function closing(plane: Plane, radius: number): Plane {
  return slide(slide(plane, radius, 1), radius, -1);
}

/** The largest (sign 1) or smallest (sign -1) value in the square around each pixel. */
function slide({ width, height, values }: Plane, radius: number, sign: 1 | -1): Plane {
  const out = createPlane(width, height);
  const length = Math.max(width, height) + 2 * (2 * radius + 1);
  const scratch = {
    line: new Float32Array(length),
    prefix: new Float32Array(length),
    suffix: new Float32Array(length),
  };
  for (let y = 0; y < height; y++) slideLine(values, y * width, 1, width, radius, sign, out.values, scratch);
  for (let x = 0; x < width; x++) slideLine(out.values, x, width, height, radius, sign, out.values, scratch);
  return out;
}

interface Scratch {
  readonly line: Float32Array;
  readonly prefix: Float32Array;
  readonly suffix: Float32Array;
}

function slideLine(
  source: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
  sign: 1 | -1,
  target: Float32Array,
  { line, prefix, suffix }: Scratch,
): void {
  const window = 2 * radius + 1;
  const padded = Math.ceil((count + 2 * radius) / window) * window;
  line.fill(-Infinity, 0, padded);
  for (let i = 0, j = start; i < count; i++, j += step) line[radius + i] = sign * source[j];
  for (let first = 0; first < padded; first += window) {
    let largest = -Infinity;
    for (let i = first; i < first + window; i++) {
      if (line[i] > largest) largest = line[i];
      prefix[i] = largest;
    }
    largest = -Infinity;
    for (let i = first + window - 1; i >= first; i--) {
      if (line[i] > largest) largest = line[i];
      suffix[i] = largest;
    }
  }
  for (let i = 0, j = start; i < count; i++, j += step) {
    const ahead = prefix[i + window - 1];
    target[j] = sign * (suffix[i] > ahead ? suffix[i] : ahead);
  }
}
