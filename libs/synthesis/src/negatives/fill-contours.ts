/** A closed outline: its last point is joined to its first. In pixels, pixel i covers [i, i + 1), y down. */
export type Contour = readonly (readonly [x: number, y: number])[];

/** Lines on which each row of pixels is measured. */
const LINES_PER_ROW = 5;

interface Crossing {
  readonly x: number;
  /** +1 where the outline runs down there, -1 where it runs up. */
  readonly turn: 1 | -1;
}

/**
 * Fills outlines as fonts mean them: inside is what they wind around (nonzero winding). Edges are smooth: each pixel gets
 * the share of it that is covered, exactly along x, on five lines along y.
 *
 * @returns `[height, width]` uint8, white on black; what lies outside is cut off
 */
export function fillContours(contours: readonly Contour[], width: number, height: number): Uint8Array {
  const covered = new Float64Array(width * height);
  for (let line = 0; line < height * LINES_PER_ROW; line++) {
    const row = Math.floor(line / LINES_PER_ROW);
    const crossings = crossingsAt(contours, (line + 0.5) / LINES_PER_ROW);
    let winding = 0;
    crossings.forEach(({ x, turn }, i) => {
      if (winding !== 0) coverSpan(covered.subarray(row * width, (row + 1) * width), crossings[i - 1].x, x);
      winding += turn;
    });
  }
  return Uint8Array.from(covered, (lines) => Math.floor((lines / LINES_PER_ROW) * 255 + 0.5));
}

function crossingsAt(contours: readonly Contour[], y: number): Crossing[] {
  const crossings: Crossing[] = [];
  for (const contour of contours) {
    contour.forEach(([x0, y0], i) => {
      const [x1, y1] = contour[(i + 1) % contour.length];
      if (y0 <= y === y1 <= y) return;
      crossings.push({ x: x0 + ((y - y0) / (y1 - y0)) * (x1 - x0), turn: y0 < y1 ? 1 : -1 });
    });
  }
  return crossings.sort((a, b) => a.x - b.x);
}

function coverSpan(row: Float64Array, from: number, to: number): void {
  const left = Math.max(0, from);
  const right = Math.min(row.length, to);
  for (let x = Math.floor(left); x < right; x++) row[x] += Math.min(x + 1, right) - Math.max(x, left);
}
