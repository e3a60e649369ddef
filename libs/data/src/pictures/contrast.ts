import { closing } from './morphology.ts';
import { createPlane, halvePlane, quantiles, type Plane } from './plane.ts';
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

/** Every third pixel tells whether areas of ink are missed. */
const MISSED_STRIDE = 3;

/** Strokes are first looked for with this share of the widest stroke. */
const NARROW_SHARE = 0.3;

/**
 * Finds which side of the paper the ink is on, evens out the light and measures every pixel against the paper.
 *
 * Even light is had in two steps: the smooth shading is fitted and divided out (light falls on ink as on paper, so
 * the ratio is what counts), then what is left of the paper (a shadow's edge) is found by a closing, which fills
 * strokes and keeps edges of larger areas.
 *
 * @param grey `[h, w]` in [0, 255]
 * @param strokeShare the widest stroke, as a share of the picture's shorter side
 */
export function measureContrast(grey: Plane, strokeShare: number): Contrast {
  const { width, height } = grey;
  const shading = fitShading(grey);
  const inkIsDark = isInkDark(halvePlane(grey), shading);
  const shades = shadingPlane(shading, width, height).values;
  const light = createPlane(width, height);
  for (let i = 0; i < shades.length; i++) {
    const paper = inkIsDark ? shades[i] : 255 - shades[i];
    const darkness = inkIsDark ? shades[i] - grey.values[i] : grey.values[i] - shades[i];
    light.values[i] = 1 - darkness / (paper > DARKEST_PAPER ? paper : DARKEST_PAPER);
  }
  const half = halvePlane(light);
  const radius = (strokeShare * Math.min(width, height)) / 4;
  const wide = { ...againstPaper(light, half, Math.max(3, Math.round(radius))), inkIsDark };
  const narrow = { ...againstPaper(light, half, Math.max(2, Math.round(NARROW_SHARE * radius))), inkIsDark };
  return missesInk(narrow, wide) ? wide : narrow;
}

/** @param radius of the closing, in pixels of the halved plane */
function againstPaper(light: Plane, half: Plane, radius: number): { plane: Plane; noise: number } {
  const { width, height } = light;
  const paper = closing(half, radius);
  const plane = createPlane(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = (y >> 1) * paper.width;
    for (let x = 0; x < width; x++, i++) {
      const local = paper.values[row + (x >> 1)];
      plane.values[i] = (local - light.values[i]) / (local > 0.1 ? local : 0.1);
    }
  }
  // Ink covers less than 40% of any writing, so the lowest 60% are paper: their middle, and the 5% quantile of all,
  // which lies at 8.3% of theirs and so 1.38 standard deviations below it.
  const [low, middle] = quantiles(plane.values, [0.05, 0.3]);
  for (let i = 0; i < plane.values.length; i++) plane.values[i] -= middle;
  return { plane, noise: (middle - low) / 1.38 };
}

/**
 * Whether a narrow closing takes the inside of thick strokes for paper. What a wide one finds beyond it is ink if it
 * is about as dark as the strokes that both find, and a shadow if it is lighter.
 */
function missesInk(narrow: Contrast, wide: Contrast): boolean {
  const level = inkLevel(narrow.plane.values, inkFloor(narrow), null);
  if (level === null) return true;
  let found = 0;
  let missed = 0;
  let missedContrast = 0;
  for (let i = 0; i < wide.plane.values.length; i += MISSED_STRIDE) {
    if (narrow.plane.values[i] > 0.5 * level) {
      found++;
    } else if (wide.plane.values[i] > 0.35 * level && narrow.plane.values[i] < 0.25 * level) {
      missed++;
      missedContrast += wide.plane.values[i];
    }
  }
  return missed > 0.1 * found && missedContrast / missed > 0.7 * level;
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
