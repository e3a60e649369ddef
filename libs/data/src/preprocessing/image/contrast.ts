import { createPlane, halvePlane, type Plane, quantiles } from './plane.ts';
import { fitShading, shadingPlane } from './shading.ts';

/** How much each pixel stands out from the paper around it, towards the ink's side. */
export interface Contrast {
  /** 0 is paper, 1 is black ink on white paper, in the share of the paper's own lightness; noise goes below 0. */
  readonly plane: Plane;
  /** The spread of the paper's own pixels about 0 (standard deviation). */
  readonly noise: number;
  readonly inkIsDark: boolean;
}

/** Contrast is measured against paper of at least this lightness: on darker paper, noise must not become contrast. */
const DARKEST_PAPER = 80;

/** Contrast that 8-bit rounding and lossy compression give a blank sheet. */
const FAINTEST_INK = 0.03;

/** Ink covers up to this share of a picture that is cut close to a bold digit; the paper's surface must not sink into it. */
const MOST_INK = 0.7;

/** Strokes are first looked for with this share of the widest stroke. */
const NARROW_SHARE = 0.3;

/** What is darker than the paper around it by more than this share of the ink's level is ink, not shade. */
const DARKEST_SHADE = 0.5;

/**
 * Finds which side of the paper the ink is on, evens out the light and measures every pixel against the paper.
 *
 * Even light is had in two steps: the smooth shading is fitted and divided out (light falls on ink as on paper, so
 * the ratio is what counts), then what is left of the paper (a shadow's edge) is found by a closing, which fills
 * strokes and keeps edges of larger areas. A narrow closing follows shadows best, and takes the inside of thick strokes
 * for paper; where a wide one finds something as dark as ink there, it is ink.
 *
 * @param grey `[h, w]` in [0, 255]
 * @param strokeShare the widest stroke, as a share of the picture's shorter side
 */
export function measureContrast(grey: Plane, strokeShare: number): Contrast {
  const inkIsDark = isInkDark(halvePlane(grey), fitShading(grey, 0.5));
  const light = evenLight(grey, inkIsDark);
  const half = halvePlane(light);
  const radius = (strokeShare * Math.min(grey.width, grey.height)) / 4;
  const wide = closing(half, Math.max(3, Math.round(radius)));
  const narrow = closing(half, Math.max(2, Math.round(NARROW_SHARE * radius)));
  const contrast = { ...againstPaper(light, narrow), inkIsDark };
  const level = inkLevel(contrast.plane.values, inkFloor(contrast), null);
  if (level === null) return { ...againstPaper(light, wide), inkIsDark };
  const darkest = 1 - DARKEST_SHADE * level;
  const isInk = (i: number): boolean => narrow.values[i] < darkest * wide.values[i];
  if (!wide.values.some((_, i) => isInk(i))) return contrast;
  const paper = { ...wide, values: wide.values.map((value, i) => (isInk(i) ? value : narrow.values[i])) };
  return { ...againstPaper(light, paper), inkIsDark };
}

/** Each pixel's lightness as a share of the paper's where dark ink is looked for; where light ink is, of the negative's. */
function evenLight(grey: Plane, inkIsDark: boolean): Plane {
  const { width, height } = grey;
  const light = createPlane(width, height);
  const shades = shadingPlane(fitShading(grey, inkIsDark ? MOST_INK : 1 - MOST_INK), width, height).values;
  for (let i = 0; i < shades.length; i++) {
    const paper = inkIsDark ? shades[i] : 255 - shades[i];
    const darkness = inkIsDark ? shades[i] - grey.values[i] : grey.values[i] - shades[i];
    light.values[i] = 1 - darkness / (paper > DARKEST_PAPER ? paper : DARKEST_PAPER);
  }
  return light;
}

/** @param paper a closing of the halved light */
function againstPaper(light: Plane, paper: Plane): { plane: Plane; noise: number } {
  const { width, height } = light;
  const plane = createPlane(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = (y >> 1) * paper.width;
    for (let x = 0; x < width; x++, i++) {
      const local = paper.values[row + (x >> 1)];
      plane.values[i] = (local - light.values[i]) / (local > 0.1 ? local : 0.1);
    }
  }
  // Ink covers less than 40% of most writing, so the lowest 60% are paper: their middle, and the 5% quantile of all,
  // which lies at 8.3% of theirs and so 1.38 standard deviations below it.
  const [low, middle] = quantiles(plane.values, [0.05, 0.3]);
  for (let i = 0; i < plane.values.length; i++) plane.values[i] -= middle;
  return { plane, noise: (middle - low) / 1.38 };
}

/** @returns the least contrast that is not the paper's noise */
export function inkFloor({ noise }: Contrast): number {
  return Math.max(FAINTEST_INK, 4 * noise);
}

/**
 * How dark ink is: a high quantile of the contrast above the floor, as edges and faint strokes lie below it.
 *
 * @param labels where not null, pixels labelled 0 do not count
 * @returns null where nothing is above the floor
 */
export function inkLevel(values: Float32Array, floor: number, labels: Int32Array | null): number | null {
  const counts = new Uint32Array(1001);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] <= floor || labels?.[i] === 0) continue;
    counts[values[i] < 1 ? (values[i] * 1000) | 0 : 1000]++;
    total++;
  }
  if (total === 0) return null;
  let remaining = 0.25 * total;
  let bin = 1000;
  while (remaining > counts[bin]) remaining -= counts[bin--];
  return (bin + 0.5) / 1000;
}

/**
 * Ink is the rarer side: deviations from the shading lean towards it (skewness), and the border, where there is
 * seldom ink, leans away from it.
 */
function isInkDark(grey: Plane, shading: readonly number[]): boolean {
  const { width, height, values } = grey;
  const shades = shadingPlane(shading, width, height).values;
  const cubes = new Float32Array(values.length);
  for (let i = 0; i < cubes.length; i++) {
    const residual = values[i] - shades[i];
    cubes[i] = residual * residual * residual;
  }
  const border: number[] = [];
  for (let x = 0; x < width; x++) border.push(cubes[x], cubes[(height - 1) * width + x]);
  for (let y = 1; y < height - 1; y++) border.push(cubes[y * width], cubes[y * width + width - 1]);
  // A border that is all paper says nothing here (its deviations are small); one that is half ink must not outvote.
  return leaning(cubes) + 0.25 * leaning(border) <= 0;
}

/** From -1, all values are negative, to 1, all are positive. */
function leaning(values: Iterable<number>): number {
  let sum = 0;
  let total = 0;
  for (const value of values) {
    sum += value;
    total += value < 0 ? -value : value;
  }
  return total > 0 ? sum / total : 0;
}

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
