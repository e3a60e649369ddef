import {
  type Box,
  type ClassifyImages,
  type FoundGrid,
  type Frame,
  type GridSize,
  inkToGrid,
  locateFrame,
  openPicture,
  type Picture,
  type Quadrilateral,
  type QuarterTurn,
} from '@digits/data';
import type { InkDetector } from './ink-detector.ts';
import { confidenceOf, createInkView, type InkView, longestSide } from './levels.ts';
import type { PictureDigits } from './reading.ts';

/** Most rows or columns of a grid. */
const MAX_GRID_SIDE = 50;

/** Longer sides, in working pixels, at which a frame is looked for. */
const FRAME_SIDES = [640, 320] as const;

/** Working pixels per cell: a digit takes about two thirds of them. */
const CELL_PIXELS = 44;

const SUDOKU: GridSize = { rows: 9, columns: 9 };

/** No sudoku with fewer digits has a single solution. */
const LEAST_CLUES = 17;

/** Mean ruling along the lines of a sudoku that is taken for one without being asked for. */
const LEAST_SUDOKU_SCORE = 0.35;

/** A grid whose digits are less probable than this on average may be sideways. */
const UNSURE = 0.6;

/**
 * Reads one digit from each cell of a printed grid. Without a frame, the whole picture is the grid.
 *
 * @throws RangeError if the grid has no or too many cells, or size, channels and data of the picture do not match
 */
export async function readGrid(
  picture: Picture,
  detector: InkDetector,
  classify: ClassifyImages,
  size: GridSize,
): Promise<PictureDigits> {
  checkGridSize(size);
  const grey = openPicture(picture);
  const read = { mode: 'multiple', notice: null } as const;
  if (typeof grey === 'string') {
    const cells = Array.from({ length: size.rows }, () => Array.from({ length: size.columns }, () => null));
    return { ...read, digits: [], cells, reason: grey, steps: [], orientation: 0 };
  }
  const view = createInkView(grey, detector);
  const frame = await findFrame(view, size);
  return { ...read, ...(await readCells(view, frame?.corners ?? cornersOfPicture(grey), classify, size)) };
}

/** Cells of a grid, and how far the picture was turned for them. */
interface ReadCells extends FoundGrid {
  readonly orientation: QuarterTurn;
  /** Mean of the digits' highest probabilities, in [0, 1]. */
  readonly confidence: number;
}

/** Reads the cells in the frame, turned if they are sideways. */
async function readCells(
  view: InkView,
  frame: Quadrilateral,
  classify: ClassifyImages,
  size: GridSize,
): Promise<ReadCells> {
  const bounds = boundsOf(frame, view.picture);
  const side =
    (CELL_PIXELS * Math.max(size.rows, size.columns) * Math.max(bounds.width, bounds.height)) / sideOf(frame);
  const planes = await view.look(bounds, longestSide(view.picture, bounds, Math.ceil(side)));
  let best: ReadCells | null = null;
  for (const [turns, orientation] of ([0, 90, 180, 270] as const).entries()) {
    const found = await inkToGrid(planes, turnedFrame(frame, turns), size, { classify });
    const { digits } = found;
    const confidence = digits.reduce((sum, digit) => sum + confidenceOf(digit), 0) / Math.max(1, digits.length);
    if (best === null || confidence > best.confidence) best = { ...found, orientation, confidence };
    if (digits.length === 0 || (orientation === 0 && confidence >= UNSURE)) break;
  }
  if (best === null) throw new Error('readCells: no orientation was read');
  return best;
}

/**
 * Reads a picture as a sudoku if it shows one.
 *
 * @returns null if the picture has no grid of 9x9 cells with enough digits
 */
export async function readSudoku(view: InkView, classify: ClassifyImages): Promise<PictureDigits | null> {
  const frame = await findFrame(view, SUDOKU);
  if (frame === null || frame.score < LEAST_SUDOKU_SCORE) return null;
  const { confidence, ...found } = await readCells(view, frame.corners, classify, SUDOKU);
  if (found.digits.length < LEAST_CLUES || confidence < UNSURE) return null;
  return { mode: 'multiple', notice: null, ...found };
}

function checkGridSize(size: GridSize): void {
  for (const name of ['rows', 'columns'] as const) {
    const value = size[name];
    if (!Number.isInteger(value) || value < 1 || value > MAX_GRID_SIDE) {
      throw new RangeError(`readImage: grid.${name} must be an integer from 1 to ${MAX_GRID_SIDE}, got ${value}`);
    }
  }
}

async function findFrame(view: InkView, size: GridSize): Promise<Frame | null> {
  const { width, height } = view.picture;
  const whole = { x: 0, y: 0, width, height };
  for (const side of FRAME_SIDES) {
    const frame = locateFrame(await view.look(whole, longestSide(view.picture, whole, side)), size);
    if (frame !== null) return frame;
  }
  return null;
}

function cornersOfPicture({ width, height }: { readonly width: number; readonly height: number }): Quadrilateral {
  return [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
}

/** The corners of the frame if the picture is turned clockwise: the lower left one becomes the upper left one. */
function turnedFrame(frame: Quadrilateral, turns: number): Quadrilateral {
  const corner = (i: number) => frame[(i + 4 - turns) % 4];
  return [corner(0), corner(1), corner(2), corner(3)];
}

/** Returns the part of the picture with the frame and a little room around it. */
function boundsOf(frame: Quadrilateral, picture: { readonly width: number; readonly height: number }): Box {
  const [xs, ys] = [frame.map(([x]) => x), frame.map(([, y]) => y)];
  const margin = 0.02 * sideOf(frame);
  const left = Math.max(0, Math.min(...xs) - margin);
  const top = Math.max(0, Math.min(...ys) - margin);
  const right = Math.min(picture.width, Math.max(...xs) + margin);
  const bottom = Math.min(picture.height, Math.max(...ys) + margin);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Returns the longer side of the box around the frame. */
function sideOf(frame: Quadrilateral): number {
  const [xs, ys] = [frame.map(([x]) => x), frame.map(([, y]) => y)];
  return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}
