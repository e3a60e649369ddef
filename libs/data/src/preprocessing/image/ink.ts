import { type Box, boxAround } from '../geometry.ts';
import { labelComponents, type Labelling } from './components.ts';
import { boxInPicture, type InkPlanes } from './ink-planes.ts';
import { createPlane, type Plane } from './plane.ts';

/** The ink of a picture in connected pieces. */
export interface Ink extends Labelling {
  readonly width: number;
  readonly height: number;
  /** `[h, w]` in [0, 1]: share of each pixel that ink covers. Not only inside labels. */
  readonly soft: Plane;
}

/** Pixels with this much ink belong to a piece of ink ... */
const WEAK = 0.35;

/** ... that has a pixel with this much somewhere: faint parts of a stroke count, faint stains do not. */
const STRONG = 0.6;

/** Where the network takes a line for ink and for ruling alike, it is ruling: this much of it counts against ink. */
const RULING_WEIGHT = 0.5;

/** A piece of which less than this share is ink rather than ruling is a line. */
const LEAST_INK = 0.25;

/** A piece with less ink than this, in pixels, is a speck ... */
const SPECK_PIXELS = 3;

/** ... and so is one with less than this share of the largest one's ink. */
const SPECK_SHARE = 0.004;

/**
 * Labels the connected pieces of ink, without specks.
 *
 * @param withLines whether printed lines count as ink where they are connected with it: a straight stroke looks like a line, and only
 * the classifier can tell which of the two makes a digit
 * @returns null if there is no ink
 */
export function labelInk({ width, height, ink, ruling }: InkPlanes, withLines = false): Ink | null {
  const values = withLines ? ink.map((value, i) => Math.min(1, value + ruling[i])) : ink;
  const mask = new Uint8Array(ink.length);
  for (let i = 0; i < mask.length; i++) {
    mask[i] = (withLines ? values[i] : ink[i] - RULING_WEIGHT * ruling[i]) > WEAK ? 1 : 0;
  }
  const first = labelComponents(mask, width, height);
  const keep = findPieces(first, ink, values);
  if (!keep.includes(true)) return null;
  const soft = { width, height, values };
  if (keep.every((kept) => kept)) return { ...first, width, height, soft };
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1 && !keep[first.labels[i] - 1]) mask[i] = 0;
  return { ...labelComponents(mask, width, height), width, height, soft };
}

/** Returns the ways to label the ink: without printed lines, and if there are some, with them. */
export function labelInkBothWays(planes: InkPlanes): readonly (Ink | null)[] {
  const hasLines = planes.ruling.some((value) => value > WEAK);
  return hasLines ? [labelInk(planes), labelInk(planes, true)] : [labelInk(planes)];
}

/** Returns for each component whether it is a piece of ink: no speck, nowhere too faint, no mere line. */
function findPieces({ labels, components }: Labelling, ink: Float32Array, values: Float32Array): boolean[] {
  const sums = components.map(() => ({ strongest: 0, ink: 0, all: 0 }));
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0) continue;
    const sum = sums[labels[i] - 1];
    sum.strongest = Math.max(sum.strongest, values[i]);
    sum.ink += ink[i];
    sum.all += values[i];
  }
  const largest = components.reduce((max, { numPixels }) => Math.max(max, numPixels), 0);
  const least = Math.max(SPECK_PIXELS, SPECK_SHARE * largest);
  return components.map(({ numPixels }, i) => {
    const { strongest, ink: inkSum, all } = sums[i];
    return strongest > STRONG && numPixels >= least && inkSum >= LEAST_INK * all;
  });
}

/** Returns the box around all ink but specks, in pixels of the picture, or null if there is none. */
export function inkBounds(planes: InkPlanes): Box | null {
  const ink = labelInk(planes);
  return ink === null ? null : boxInPicture(planes, boxAround(ink.components));
}

/** Ink that belongs to a digit and to its neighbour. */
export interface SharedInk {
  readonly labels: ReadonlySet<number>;
  /** Number of pixels to the left and right of the digit's own ink. */
  readonly reach: number;
}

/**
 * The soft ink of some labels alone, with the soft edge around it.
 *
 * @param chosen the labels
 * @param box what to cut out; a margin of one pixel for the soft edge is added, and reaches beyond the picture as 0
 * @param shared ink that is added to it where it is near; the box is widened by its reach
 * @returns `[box.height + 2, box.width + 2]` in [0, 1]: as `ink.soft` on the labels' pixels and on the unlabelled ones
 * that touch them
 */
export function inkOf(
  { width, height, labels, soft }: Ink,
  chosen: ReadonlySet<number>,
  digitBox: Box,
  shared: SharedInk | null = null,
): Plane {
  const reach = shared?.reach ?? 0;
  const box = { ...digitBox, x: digitBox.x - reach, width: digitBox.width + 2 * reach };
  const plane = createPlane(box.width + 2, box.height + 2);
  const top = Math.max(0, box.y - 1);
  const bottom = Math.min(height - 1, box.y + box.height);
  const left = Math.max(0, box.x - 1);
  const right = Math.min(width - 1, box.x + box.width);
  for (let y = top; y <= bottom; y++) {
    const near = shared && columnsNear(labels.subarray(y * width, (y + 1) * width), chosen, reach);
    for (let x = left; x <= right; x++) {
      const i = y * width + x;
      if (soft.values[i] === 0) continue;
      const own = labels[i] !== 0 ? chosen.has(labels[i]) : touches(labels, x, y, width, height, chosen);
      const isShared = near?.[x] === 1 && shared?.labels.has(labels[i]) === true;
      if (own || isShared) plane.values[(y - box.y + 1) * plane.width + x - box.x + 1] = soft.values[i];
    }
  }
  return plane;
}

/** Marks the columns of a row that have one of the chosen labels or are at most `reach` pixels away from one. */
function columnsNear(row: Int32Array, chosen: ReadonlySet<number>, reach: number): Uint8Array {
  const near = new Uint8Array(row.length);
  let left = -Infinity;
  let right = Infinity;
  for (let x = 0, back = row.length - 1; x < row.length; x++, back--) {
    if (chosen.has(row[x])) left = x;
    if (chosen.has(row[back])) right = back;
    if (x - left <= reach) near[x] = 1;
    if (right - back <= reach) near[back] = 1;
  }
  return near;
}

function touches(
  labels: Int32Array,
  x: number,
  y: number,
  width: number,
  height: number,
  chosen: ReadonlySet<number>,
): boolean {
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      const label = labels[row * width + column];
      if (label !== 0 && chosen.has(label)) return true;
    }
  }
  return false;
}
