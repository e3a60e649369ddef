import { createPlane, type Plane } from './plane.ts';

/** Coefficients of 1, x, y, x^2, xy, y^2 with x and y in [-1, 1] over the picture. */
export type Shading = readonly number[];

/** Sample points a side. */
const GRID_SIZE = 32;

/**
 * The smooth surface through the paper: the quadratic with the least sum of absolute deviations, weighted so that
 * `shareBelow` of the picture lies below it. Dark ink does not bend it as long as it covers less than that, light ink as
 * long as it covers less than the rest.
 *
 * @param shareBelow in (0, 1); a half where it is not known on which side the ink is
 * @see P. W. Holland and R. E. Welsch, "Robust regression using iteratively reweighted least-squares", 1977
 */
export function fitShading(plane: Plane, shareBelow: number): Shading {
  const samples = sampleGrid(plane);
  const count = samples.length / 7;
  let shading: Shading = [0, 0, 0, 0, 0, 0];
  for (let iteration = 0; iteration < 8; iteration++) {
    const system = Array.from({ length: 6 }, () => new Float64Array(7));
    for (let n = 0, start = 0; n < count; n++, start += 7) {
      let residual = samples[start + 6];
      for (let k = 0; k < 6; k++) residual -= shading[k] * samples[start + k];
      const side = residual < 0 ? 1 - shareBelow : shareBelow;
      if (residual < 0) residual = -residual;
      const weight = iteration === 0 || residual < 1 ? side : side / residual;
      for (let row = 0; row < 6; row++) {
        const weighted = weight * samples[start + row];
        for (let column = row; column < 7; column++) system[row][column] += weighted * samples[start + column];
      }
    }
    for (let row = 1; row < 6; row++)
      for (let column = 0; column < row; column++) system[row][column] = system[column][row];
    shading = solve(system);
  }
  return shading;
}

/** @returns the surface, `[height, width]` */
export function shadingPlane(shading: Shading, width: number, height: number): Plane {
  const plane = createPlane(width, height);
  const [c, cx, cy, cxx, cxy, cyy] = shading;
  for (let row = 0, i = 0; row < height; row++) {
    const y = height > 1 ? (2 * row) / (height - 1) - 1 : 0;
    const constant = c + y * (cy + y * cyy);
    const slope = cx + y * cxy;
    for (let column = 0; column < width; column++, i++) {
      const x = width > 1 ? (2 * column) / (width - 1) - 1 : 0;
      plane.values[i] = constant + x * (slope + x * cxx);
    }
  }
  return plane;
}

/** @returns 1, x, y, x^2, xy, y^2 and the plane's value there, for each point of a grid, flat */
function sampleGrid({ width, height, values }: Plane): Float64Array {
  const columns = Math.min(GRID_SIZE, width);
  const rows = Math.min(GRID_SIZE, height);
  const samples = new Float64Array(columns * rows * 7);
  for (let j = 0, n = 0; j < rows; j++) {
    const row = Math.floor(((j + 0.5) * height) / rows);
    const y = height > 1 ? (2 * row) / (height - 1) - 1 : 0;
    for (let i = 0; i < columns; i++, n += 7) {
      const column = Math.floor(((i + 0.5) * width) / columns);
      const x = width > 1 ? (2 * column) / (width - 1) - 1 : 0;
      samples.set([1, x, y, x * x, x * y, y * y, values[row * width + column]], n);
    }
  }
  return samples;
}

/** Gauss-Jordan with pivoting on `[6, 7]`; a term that the samples cannot tell (too few of them) gets 0. */
function solve(system: Float64Array[]): number[] {
  const solution = [0, 0, 0, 0, 0, 0];
  const pivotRows: number[] = [];
  const free = system.map((_, row) => row);
  for (let column = 0; column < 6; column++) {
    const pivot = free.reduce((best, row) =>
      Math.abs(system[row][column]) > Math.abs(system[best][column]) ? row : best,
    );
    if (Math.abs(system[pivot][column]) < 1e-9) {
      pivotRows.push(-1);
      continue;
    }
    pivotRows.push(pivot);
    free.splice(free.indexOf(pivot), 1);
    for (let row = 0; row < 6; row++) {
      if (row === pivot) continue;
      const factor = system[row][column] / system[pivot][column];
      for (let k = column; k < 7; k++) system[row][k] -= factor * system[pivot][k];
    }
  }
  pivotRows.forEach((row, column) => {
    if (row >= 0) solution[column] = system[row][6] / system[row][column];
  });
  return solution;
}
