import { type Box, boxAround } from '../geometry.ts';
import { type Component, labelComponents, type Labelling } from './components.ts';
import { boxInPicture, type InkPlanes } from './ink-planes.ts';
import { createPlane, maskAbove, type Plane } from './plane.ts';

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

/** Ruling with fewer pixels than this share of the largest piece of ink is not a line: most ink contains a few such pixels. */
const LEAST_LINE = 0.06;

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
  const values = withLines ? sumOf(ink, ruling) : ink;
  const mask = new Uint8Array(ink.length);
  const rulingWeight = withLines ? 0 : RULING_WEIGHT;
  for (let i = 0; i < mask.length; i++) mask[i] = values[i] - rulingWeight * ruling[i] > WEAK ? 1 : 0;
  const first = labelComponents(mask, width, height);
  const keep = findPieces(first, ink, values);
  if (!keep.includes(true)) return null;
  const soft = { width, height, values };
  if (keep.every((kept) => kept)) return { ...first, width, height, soft };
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1 && !keep[first.labels[i] - 1]) mask[i] = 0;
  return { ...labelComponents(mask, width, height), width, height, soft };
}

/** Returns the sum of two planes, at most 1 in each pixel. */
function sumOf(a: Float32Array, b: Float32Array): Float32Array {
  const sum = new Float32Array(a.length);
  for (let i = 0; i < sum.length; i++) sum[i] = Math.min(1, a[i] + b[i]);
  return sum;
}

/** Returns whether a piece of ruling is large enough to be a line, or a stroke that the network took for one. */
function hasLines({ width, height, ruling }: InkPlanes, ink: Ink | null): boolean {
  const { components } = labelComponents(maskAbove(ruling, WEAK), width, height);
  return largestOf(components) > LEAST_LINE * largestOf(ink?.components ?? []);
}

function largestOf(components: readonly Component[]): number {
  return components.reduce((largest, { numPixels }) => Math.max(largest, numPixels), 0);
}

/** Results of {@link labelInkBothWays}, because the same planes are read as several digits and as one. */
const labelled = new WeakMap<InkPlanes, readonly (Ink | null)[]>();

/** Labels the ink without printed lines and, if there are any, with them. Returns the same objects for the same planes. */
export function labelInkBothWays(planes: InkPlanes): readonly (Ink | null)[] {
  const known = labelled.get(planes);
  if (known !== undefined) return known;
  const ink = labelInk(planes);
  const ways = hasLines(planes, ink) ? [ink, labelInk(planes, true)] : [ink];
  labelled.set(planes, ways);
  return ways;
}

/** Returns for each component whether it is a piece of ink: no speck, nowhere too faint, no mere line. */
function findPieces({ labels, components }: Labelling, ink: Float32Array, values: Float32Array): boolean[] {
  const strongest = new Float64Array(components.length);
  const inkSum = new Float64Array(components.length);
  const sum = new Float64Array(components.length);
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0) continue;
    const k = labels[i] - 1;
    if (values[i] > strongest[k]) strongest[k] = values[i];
    inkSum[k] += ink[i];
    sum[k] += values[i];
  }
  const least = Math.max(SPECK_PIXELS, SPECK_SHARE * largestOf(components));
  return components.map(
    ({ numPixels }, i) => strongest[i] > STRONG && numPixels >= least && inkSum[i] >= LEAST_INK * sum[i],
  );
}

/** Returns the box around all ink but specks, in pixels of the picture, or null if there is none. */
export function inkBounds(planes: InkPlanes): Box | null {
  const ink = labelInk(planes);
  return ink === null ? null : boxInPicture(planes, boxAround(ink.components));
}

/**
 * The soft ink of some labels alone, with the soft edge around it.
 *
 * @param chosen the labels
 * @param box what to cut out; a margin of one pixel for the soft edge is added, and reaches beyond the picture as 0
 * @returns `[box.height + 2, box.width + 2]` in [0, 1]: as `ink.soft` on the labels' pixels and on the unlabelled ones
 * that touch them
 */
export function inkOf(ink: Ink, chosen: ReadonlySet<number>, box: Box): Plane {
  const { width, height, labels, soft } = ink;
  const plane = createPlane(box.width + 2, box.height + 2);
  const top = Math.max(0, box.y - 1);
  const bottom = Math.min(height - 1, box.y + box.height);
  const left = Math.max(0, box.x - 1);
  const right = Math.min(width - 1, box.x + box.width);
  const isChosen = lookUpTable(chosen);
  const touching = markTouching(ink, isChosen, { left, right, top, bottom });
  for (let y = top; y <= bottom; y++) {
    const marksRow = (y - top + 2) * (right - left + 5) + 2 - left;
    const planeRow = (y - box.y + 1) * plane.width + 1 - box.x;
    for (let x = left; x <= right; x++) {
      const label = labels[y * width + x];
      const isOwn = label !== 0 ? isChosen[label] === 1 : touching[marksRow + x] === 1;
      if (isOwn) plane.values[planeRow + x] = soft.values[y * width + x];
    }
  }
  return plane;
}

/** Returns 1 at the index of each label of the set; labels beyond its end are not in the set. */
function lookUpTable(labels: ReadonlySet<number>): Uint8Array {
  const table = new Uint8Array(Math.max(0, ...labels) + 1);
  for (const label of labels) table[label] = 1;
  return table;
}

/**
 * Marks the pixels that have one of the chosen labels or touch one that has.
 *
 * @returns `[bottom - top + 5, right - left + 5]` of 0 and 1; the first is that of row `top - 2` and column `left - 2`
 */
function markTouching(
  { width, height, labels }: Ink,
  isChosen: Uint8Array,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
): Uint8Array {
  const stride = right - left + 5;
  const marks = new Uint8Array(stride * (bottom - top + 5));
  const [first, last] = [Math.max(0, left - 1), Math.min(width - 1, right + 1)];
  for (let y = Math.max(0, top - 1); y <= Math.min(height - 1, bottom + 1); y++) {
    for (let x = first, i = y * width + first; x <= last; x++, i++) {
      if (labels[i] === 0 || isChosen[labels[i]] !== 1) continue;
      const above = (y - top + 1) * stride + x - left + 1;
      for (let j = above; j <= above + 2 * stride; j += stride) marks[j] = marks[j + 1] = marks[j + 2] = 1;
    }
  }
  return marks;
}
