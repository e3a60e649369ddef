import { type Box, boxAroundPoints, sizeOf } from '../geometry.ts';
import type { InkPlanes } from '../image/ink-planes.ts';
import { inkToDigit } from '../image/ink-to-digit.ts';
import { planeStep } from '../image/plane.ts';
import type { DigitsOptions, FoundDigit, FoundDigits } from '../segmentation/segmentation.ts';
import { type Point, projectionOnto, type Quadrilateral } from './projection.ts';

/** Size of a grid in cells. */
export interface GridSize {
  readonly rows: number;
  readonly columns: number;
}

/** The digits in the cells of a grid, row by row. */
export interface FoundGrid extends FoundDigits {
  /** `[rows][columns]`: index into `digits` of the digit in each cell, or null if the cell is empty. */
  readonly cells: readonly (readonly (number | null)[])[];
}

/** Side of a straightened cell, in pixels. */
const CELL_SIZE = 48;

/** Left out on each side of a cell, as a share of its side: what is left of the lines, and tips of the neighbours' strokes. */
const CELL_MARGIN = 0.08;

/** A digit is at least this large, as a share of the cell's side: smaller marks are notes or dirt. */
const SMALLEST_DIGIT = 0.25;

/**
 * Reads one digit from each cell of a grid that the camera may have seen at an angle.
 *
 * @param frame corners of the whole grid in pixels of the picture, upper left of the upright grid first
 * @returns digits with their boxes in pixels of the picture
 */
export async function inkToGrid(
  planes: InkPlanes,
  frame: Quadrilateral,
  { rows, columns }: GridSize,
  options: DigitsOptions = {},
): Promise<FoundGrid> {
  const place = projectionOnto(frame);
  const digits: FoundDigit[] = [];
  const cells: (number | null)[][] = [];
  for (let row = 0; row < rows; row++) {
    const line: (number | null)[] = [];
    for (let column = 0; column < columns; column++) {
      const digit = await readCell(planes, cornersOfCell(row, column, place, { rows, columns }), options);
      line.push(digit === null ? null : digits.length);
      if (digit !== null) digits.push({ ...digit, row });
    }
    cells.push(line);
  }
  const steps = [planeStep('ink', { ...planes, values: planes.ink }, 255)];
  return { digits, cells, reason: digits.length > 0 ? null : 'blank', steps };
}

/** Returns the corners of a cell without its margin, in pixels of the picture. */
function cornersOfCell(
  row: number,
  column: number,
  place: (u: number, v: number) => Point,
  { rows, columns }: GridSize,
): Quadrilateral {
  const [left, right] = [CELL_MARGIN, 1 - CELL_MARGIN].map((share) => (column + share) / columns);
  const [top, bottom] = [CELL_MARGIN, 1 - CELL_MARGIN].map((share) => (row + share) / rows);
  return [place(left, top), place(right, top), place(right, bottom), place(left, bottom)];
}

async function readCell(planes: InkPlanes, corners: Quadrilateral, options: DigitsOptions): Promise<FoundDigit | null> {
  const place = projectionOnto(corners);
  const { digits } = await inkToDigit(straighten(planes, place), options);
  const digit = digits.at(0);
  if (digit === undefined || sizeOf(digit.box) < SMALLEST_DIGIT * CELL_SIZE) return null;
  return { ...digit, box: boxOnPicture(digit.box, place) };
}

/** Samples a cell's planes on a square; their region is the square itself. */
function straighten(planes: InkPlanes, place: (u: number, v: number) => Point): InkPlanes {
  const { width, height, region } = planes;
  const size = CELL_SIZE * CELL_SIZE;
  const cell = { ink: new Float32Array(size), ruling: new Float32Array(size) };
  for (let row = 0, i = 0; row < CELL_SIZE; row++) {
    for (let column = 0; column < CELL_SIZE; column++, i++) {
      const [pictureX, pictureY] = place((column + 0.5) / CELL_SIZE, (row + 0.5) / CELL_SIZE);
      const x = ((pictureX - region.x) * width) / region.width - 0.5;
      const y = ((pictureY - region.y) * height) / region.height - 0.5;
      for (const name of ['ink', 'ruling'] as const) cell[name][i] = sample(planes[name], width, height, x, y);
    }
  }
  return { ...cell, width: CELL_SIZE, height: CELL_SIZE, region: { x: 0, y: 0, width: CELL_SIZE, height: CELL_SIZE } };
}

/** Linear between pixel centres; beyond the border is 0. */
function sample(values: Float32Array, width: number, height: number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [shareX, shareY] = [x - left, y - top];
  const at = (column: number, row: number): number =>
    column >= 0 && column < width && row >= 0 && row < height ? values[row * width + column] : 0;
  const upper = at(left, top) * (1 - shareX) + at(left + 1, top) * shareX;
  const lower = at(left, top + 1) * (1 - shareX) + at(left + 1, top + 1) * shareX;
  return upper * (1 - shareY) + lower * shareY;
}

/** Returns the box in the picture around a box in a straightened cell. */
function boxOnPicture(box: Box, place: (u: number, v: number) => Point): Box {
  const [left, right] = [box.x, box.x + box.width].map((x) => x / CELL_SIZE);
  const [top, bottom] = [box.y, box.y + box.height].map((y) => y / CELL_SIZE);
  return boxAroundPoints([place(left, top), place(right, top), place(right, bottom), place(left, bottom)]);
}
