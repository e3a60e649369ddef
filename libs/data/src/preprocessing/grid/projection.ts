/** A point in pixels: x to the right, y down. */
export type Point = readonly [x: number, y: number];

/** Corners of a quadrilateral: upper left, upper right, lower right, lower left. */
export type Quadrilateral = readonly [Point, Point, Point, Point];

/**
 * Returns the projection of the unit square onto a quadrilateral: how a camera sees a rectangle.
 *
 * @param corners of a convex quadrilateral with an area
 * @returns the image of a point (u, v) in [0, 1] each
 * @see P. Heckbert, "Fundamentals of texture mapping and image warping", 1989, section 2.2.3
 */
export function projectionOnto([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]: Quadrilateral): (
  u: number,
  v: number,
) => Point {
  const [dx1, dx2, dy1, dy2] = [x1 - x2, x3 - x2, y1 - y2, y3 - y2];
  const [sumX, sumY] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const determinant = dx1 * dy2 - dx2 * dy1;
  const g = (sumX * dy2 - dx2 * sumY) / determinant;
  const h = (dx1 * sumY - sumX * dy1) / determinant;
  return (u, v) => {
    const depth = g * u + h * v + 1;
    const x = ((x1 - x0 + g * x1) * u + (x3 - x0 + h * x3) * v + x0) / depth;
    const y = ((y1 - y0 + g * y1) * u + (y3 - y0 + h * y3) * v + y0) / depth;
    return [x, y];
  };
}

/**
 * Fits a projection of the plane to pairs of points by least squares.
 *
 * @param from at least four points, no three of four on a line
 * @param to the image of each
 * @returns the image of a point, or null if the points do not determine a projection
 * @see R. Hartley and A. Zisserman, "Multiple View Geometry in Computer Vision", 2004, section 4.1 (inhomogeneous solution)
 */
export function fitProjection(from: readonly Point[], to: readonly Point[]): ((u: number, v: number) => Point) | null {
  // Normal equations of the eight unknowns a to h: x (g u + h v + 1) = a u + b v + c, y (g u + h v + 1) = d u + e v + f.
  const system = Array.from({ length: 8 }, () => new Float64Array(9));
  const add = (equation: readonly number[]): void => {
    system.forEach((row, i) => {
      for (let j = 0; j < 9; j++) row[j] += equation[i] * equation[j];
    });
  };
  from.forEach(([u, v], i) => {
    const [x, y] = to[i];
    add([u, v, 1, 0, 0, 0, -x * u, -x * v, x]);
    add([0, 0, 0, u, v, 1, -y * u, -y * v, y]);
  });
  const solution = solve(system);
  if (solution === null) return null;
  const [a, b, c, d, e, f, g, h] = solution;
  return (u, v) => {
    const depth = g * u + h * v + 1;
    return [(a * u + b * v + c) / depth, (d * u + e * v + f) / depth];
  };
}

/**
 * Solves linear equations by Gauss-Jordan elimination with row pivoting.
 *
 * @param system `[n, n + 1]`, changed in place
 * @returns `[n]`, or null if the equations are dependent
 */
function solve(system: readonly Float64Array[]): number[] | null {
  const rows = [...system];
  for (let column = 0; column < rows.length; column++) {
    let pivot = column;
    for (let row = column + 1; row < rows.length; row++) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    }
    if (Math.abs(rows[pivot][column]) < 1e-9) return null;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (const [i, row] of rows.entries()) {
      if (i === column) continue;
      const factor = row[column] / rows[column][column];
      for (let j = column; j < row.length; j++) row[j] -= factor * rows[column][j];
    }
  }
  return rows.map((row, i) => row[rows.length] / row[i]);
}
