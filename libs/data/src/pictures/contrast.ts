import { closing } from './morphology.ts';
import { createPlane, halvePlane, quantiles, type Plane } from './plane.ts';
import { fitShading, forEachShade } from './shading.ts';

/** How much each pixel stands out from the paper around it, towards the ink's side. */
export interface Contrast {
  /** 0 is paper, 1 is black ink on white paper, in the share of the paper's own lightness; noise goes below 0. */
  readonly plane: Plane;
  /** The spread of the paper's own pixels about 0 (standard deviation). */
  readonly noise: number;
  readonly inkIsDark: boolean;
}

/** Paper darker than this is taken for this light: its noise must not become contrast. */
const DARKEST_PAPER = 24;

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
  const inkIsDark = isInkDark(grey, shading);
  const light = createPlane(width, height);
  forEachShade(shading, grey, (shade, i) => {
    const paper = Math.max(inkIsDark ? shade : 255 - shade, DARKEST_PAPER);
    light.values[i] = (inkIsDark ? grey.values[i] : 255 - grey.values[i]) / paper;
  });
  const radius = Math.max(2, Math.round((strokeShare * Math.min(width, height)) / 4));
  const paper = closing(halvePlane(light), radius);
  const plane = createPlane(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = (y >> 1) * paper.width;
    for (let x = 0; x < width; x++, i++) {
      const local = Math.max(paper.values[row + (x >> 1)], 0.1);
      plane.values[i] = (local - light.values[i]) / local;
    }
  }
  // Ink covers less than 40% of any writing, so the lowest 60% are paper: their middle, and the 5% quantile of all,
  // which lies at 8.3% of theirs and so 1.38 standard deviations below it.
  const [low, middle] = quantiles(plane.values, [0.05, 0.3]);
  for (let i = 0; i < plane.values.length; i++) plane.values[i] -= middle;
  return { plane, noise: (middle - low) / 1.38, inkIsDark };
}

/**
 * Ink is the rarer side: deviations from the shading lean towards it (skewness), and the border, where there is
 * seldom ink, leans away from it.
 */
function isInkDark(grey: Plane, shading: readonly number[]): boolean {
  const { width, height, values } = grey;
  let cubes = 0;
  let absoluteCubes = 0;
  let border = 0;
  let absoluteBorder = 0;
  forEachShade(shading, grey, (shade, i) => {
    const residual = values[i] - shade;
    const cube = residual * residual * residual;
    cubes += cube;
    absoluteCubes += Math.abs(cube);
    const x = i % width;
    const y = (i - x) / width;
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) {
      border += cube;
      absoluteBorder += Math.abs(cube);
    }
  });
  const skew = absoluteCubes > 0 ? cubes / absoluteCubes : 0;
  const borderSkew = absoluteBorder > 0 ? border / absoluteBorder : 0;
  // A border that is all paper says nothing here (its deviations are small); one that is half ink must not outvote.
  return skew + 0.25 * borderSkew <= 0;
}
