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

/** Returns the area of a quadrilateral; negative if its corners run anticlockwise. */
export function areaOf([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]: Quadrilateral): number {
  return ((x2 - x0) * (y3 - y1) - (x3 - x1) * (y2 - y0)) / 2;
}
