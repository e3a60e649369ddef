import { type Box, rightOf, bottomOf } from '../geometry.ts';
import { type Component, labelComponents } from '../image/components.ts';
import type { InkPlanes } from '../image/ink-planes.ts';
import type { GridSize } from './ink-to-grid.ts';
import { fitProjection, type Point, type Quadrilateral } from './projection.ts';

/** Ruling and ink above which a pixel belongs to a line between cells. Lines may be faint, and a gap joins two cells. */
const LEVELS = [0.15, 0.3, 0.5] as const;

/** Smallest side of a cell, in pixels of the planes. */
const SMALLEST_CELL = 6;

/** A cell fills at least this share of its box; a square that is tilted by 15 degrees fills 0.67. */
const LEAST_FILLING = 0.5;

/** The sides of neighbouring cells differ by at most this factor. */
const MAX_SIDE_RATIO = 1.5;

/** Share of a grid's cells that must be found. */
const LEAST_FOUND = 0.75;

/** A cell with its place in the grid. */
interface Placed {
  readonly cell: Box;
  readonly row: number;
  readonly column: number;
}

/**
 * Finds grids of a size by their cells: areas that printed lines enclose, side by side in rows and columns.
 *
 * @param size of the upright grid; a sideways one is found too
 * @returns corners in pixels of the planes, clockwise from the upper left one
 */
export function findLattices(planes: InkPlanes, size: GridSize): Quadrilateral[] {
  const sizes = size.rows === size.columns ? [size] : [size, { rows: size.columns, columns: size.rows }];
  return LEVELS.flatMap((level) => {
    const groups = groupCells(findCells(planes, level));
    return groups.flatMap((group) => sizes.map((each) => cornersOf(group, each))).filter((corners) => corners !== null);
  });
}

/** Returns the areas between the lines that could be cells. */
function findCells({ width, height, ink, ruling }: InkPlanes, level: number): Component[] {
  const paper = new Uint8Array(width * height).fill(1);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      // The ink network takes bold lines for ink in part. Ink inside a cell rarely cuts it in two.
      if (ink[i] + ruling[i] <= level) continue;
      // Components include corners: a line of one pixel would not separate them.
      paper[i] = 0;
      if (x + 1 < width) paper[i + 1] = 0;
      if (y + 1 < height) paper[i + width] = 0;
    }
  }
  return labelComponents(paper, width, height).components.filter(
    (cell) =>
      Math.min(cell.width, cell.height) >= SMALLEST_CELL &&
      cell.x > 0 &&
      cell.y > 0 &&
      rightOf(cell) < width &&
      bottomOf(cell) < height &&
      cell.numPixels >= LEAST_FILLING * cell.width * cell.height,
  );
}

/** Puts neighbouring cells together and counts their rows and columns. */
function groupCells(cells: readonly Component[]): Placed[][] {
  const groups: Placed[][] = [];
  const isPlaced = new Set<Component>();
  for (const start of cells) {
    if (isPlaced.has(start)) continue;
    const group = [{ cell: start, row: 0, column: 0 }];
    isPlaced.add(start);
    for (const { cell, row, column } of group) {
      for (const [down, right] of [
        [0, 1],
        [1, 0],
        [0, -1],
        [-1, 0],
      ]) {
        const neighbour = cells.find((other) => !isPlaced.has(other) && isNeighbour(cell, other, down, right));
        if (neighbour === undefined) continue;
        isPlaced.add(neighbour);
        group.push({ cell: neighbour, row: row + down, column: column + right });
      }
    }
    groups.push(group);
  }
  return groups;
}

function isNeighbour(cell: Box, other: Box, down: number, right: number): boolean {
  const ratio = (a: number, b: number): number => Math.max(a, b) / Math.min(a, b);
  if (ratio(cell.width, other.width) > MAX_SIDE_RATIO || ratio(cell.height, other.height) > MAX_SIDE_RATIO)
    return false;
  const [x, y] = centreOf(cell);
  const [otherX, otherY] = centreOf(other);
  const width = (cell.width + other.width) / 2;
  const height = (cell.height + other.height) / 2;
  return Math.abs((otherX - x) / width - right) < 0.45 && Math.abs((otherY - y) / height - down) < 0.45;
}

function centreOf({ x, y, width, height }: Box): Point {
  return [x + width / 2, y + height / 2];
}

/** Returns the corners of the part of a group that has the size and the most cells. */
function cornersOf(group: readonly Placed[], { rows, columns }: GridSize): Quadrilateral | null {
  let best: readonly Placed[] = [];
  for (const { row: top } of group) {
    for (const { column: left } of group) {
      const inside = group.filter(
        ({ row, column }) => row >= top && row < top + rows && column >= left && column < left + columns,
      );
      if (inside.length > best.length)
        best = inside.map((each) => ({ ...each, row: each.row - top, column: each.column - left }));
      if (best.length === rows * columns) break;
    }
    if (best.length === rows * columns) break;
  }
  if (best.length < LEAST_FOUND * rows * columns) return null;
  const place = fitProjection(
    best.map(({ row, column }): Point => [(column + 0.5) / columns, (row + 0.5) / rows]),
    best.map(({ cell }) => centreOf(cell)),
  );
  return place && [place(0, 0), place(1, 0), place(1, 1), place(0, 1)];
}
