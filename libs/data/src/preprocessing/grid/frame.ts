import { boxInPicture, type InkPlanes } from '../image/ink-planes.ts';
import type { GridSize } from './ink-to-grid.ts';
import { findLattices } from './lattice.ts';
import { type Point, projectionOnto, type Quadrilateral } from './projection.ts';

/** A frame's shortest side is at least this share of its longest. */
const LEAST_SIDE_RATIO = 0.3;

/** The grid's lines are ruling to at least this share on average. */
const LEAST_SCORE = 0.2;

/** Corners are moved by these steps, in pixels of the planes, while the lines fit better. */
const REFINEMENT_STEPS = [3, 1] as const;

/** Places at which a line is looked at between two crossings. */
const SAMPLES_PER_CELL = 6;

/** Printed frame of a grid. */
export interface Frame {
  /** In pixels of the picture, from the upper left one clockwise. */
  readonly corners: Quadrilateral;
  /** Mean share of ruling along the grid's lines, in [0, 1]. */
  readonly score: number;
}

/**
 * Finds the printed frame of a grid by the cells that its lines enclose.
 *
 * @returns null if there is no such grid
 */
export function locateFrame(planes: InkPlanes, size: GridSize): Frame | null {
  const frames = findLattices(planes, size).map((corners) => ({ corners, score: scoreOf(planes, corners, size) }));
  if (frames.length === 0) return null;
  const likeliest = frames.reduce((best, other) => (other.score > best.score ? other : best));
  const best = refine(planes, likeliest, size);
  if (best.score < LEAST_SCORE) return null;
  const [upperLeft, upperRight, lowerRight, lowerLeft] = best.corners.map((corner) => inPicture(planes, corner));
  return { corners: [upperLeft, upperRight, lowerRight, lowerLeft], score: best.score };
}

/** Moves the corners one by one while that makes the lines fit better. */
function refine(planes: InkPlanes, start: Frame, size: GridSize): Frame {
  let { corners, score } = start;
  for (const step of REFINEMENT_STEPS) {
    let isBetter = true;
    for (let round = 0; isBetter && round < 6; round++) {
      isBetter = false;
      for (const moved of neighboursOf(corners, step)) {
        const movedScore = scoreOf(planes, moved, size);
        if (movedScore <= score) continue;
        [corners, score, isBetter] = [moved, movedScore, true];
      }
    }
  }
  return { corners, score };
}

/** Every corner moved by a step in each of eight directions. */
function neighboursOf(corners: Quadrilateral, step: number): Quadrilateral[] {
  const moves = [-step, 0, step].flatMap((dy) => [-step, 0, step].map((dx) => [dx, dy] as const));
  return [0, 1, 2, 3].flatMap((moving) =>
    moves.map(([dx, dy]): Quadrilateral => {
      const corner = (i: number): Point => (i === moving ? [corners[i][0] + dx, corners[i][1] + dy] : corners[i]);
      return [corner(0), corner(1), corner(2), corner(3)];
    }),
  );
}

/** Returns the mean ruling along all lines of the grid that the corners would make. */
function scoreOf(planes: InkPlanes, corners: Quadrilateral, { rows, columns }: GridSize): number {
  if (shortestSideShare(corners) < LEAST_SIDE_RATIO) return 0;
  const place = projectionOnto(corners);
  let sum = 0;
  let count = 0;
  const look = (u: number, v: number): void => {
    sum += rulingNear(planes, place(u, v));
    count++;
  };
  for (let row = 0; row <= rows; row++) {
    for (let i = 0; i < columns * SAMPLES_PER_CELL; i++) look((i + 0.5) / (columns * SAMPLES_PER_CELL), row / rows);
  }
  for (let column = 0; column <= columns; column++) {
    for (let i = 0; i < rows * SAMPLES_PER_CELL; i++) look(column / columns, (i + 0.5) / (rows * SAMPLES_PER_CELL));
  }
  return sum / count;
}

/** Returns the shortest side as a share of the longest. */
function shortestSideShare(corners: Quadrilateral): number {
  const sides = corners.map(([x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % 4];
    return Math.sqrt((nextX - x) * (nextX - x) + (nextY - y) * (nextY - y));
  });
  return Math.min(...sides) / Math.max(...sides);
}

/** The ruling of the pixel, or half of the strongest one beside it: lines bend by a pixel. */
function rulingNear({ width, height, ruling }: InkPlanes, [x, y]: Point): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const at = (dx: number, dy: number): number =>
    column + dx >= 0 && column + dx < width && row + dy >= 0 && row + dy < height
      ? ruling[(row + dy) * width + column + dx]
      : 0;
  return Math.max(at(0, 0), at(-1, 0) / 2, at(1, 0) / 2, at(0, -1) / 2, at(0, 1) / 2);
}

function inPicture(planes: InkPlanes, [x, y]: Point): Point {
  const box = boxInPicture(planes, { x, y, width: 0, height: 0 });
  return [box.x, box.y];
}
