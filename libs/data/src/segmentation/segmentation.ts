import { portableLog } from '../portable-math.ts';
import { boundsAround, heightOf, overlapX, widthOf, type Bounds } from './bounds.ts';

/** A piece of writing that is not cut any further: a connected shape, or what a cut left of one. */
export interface Part extends Bounds {
  /** Which shape it was cut from: parts of one shape have one number. */
  readonly shape: number;
  /**
   * What it costs to cut between this part and the next of the same shape: how much ink the cut crosses, in stroke
   * widths. 0 where the next part is another shape.
   */
  readonly inkAfter: number;
}

/** Parts `first` to `last`, inclusive, of a row, read as one digit. */
export interface Segment {
  readonly first: number;
  readonly last: number;
}

/** A digit is made of at most this many parts. */
const MAX_PARTS = 8;

/** Parts further apart than this share of the row's height are never one digit. */
const MAX_GAP = 0.35;

/** Wider than this share of the row's height is no digit. */
const MAX_WIDTH = 1.9;

/** Less confidence than this costs no more: networks are surer of what they never saw than they should be, either way. */
const LEAST_CONFIDENCE = 1e-6;

/**
 * Lists what could be one digit in a row: every run of parts that is neither too wide nor too far apart, and every
 * part alone.
 *
 * @param parts of one row, from left to right
 * @param height of the row's digits, in the parts' unit
 */
export function proposeSegments(parts: readonly Part[], height: number): Segment[] {
  const segments: Segment[] = [];
  for (let first = 0; first < parts.length; first++) {
    segments.push({ first, last: first });
    for (let last = first + 1; last < Math.min(first + MAX_PARTS, parts.length); last++) {
      const before = boundsAround(parts.slice(first, last));
      if (-overlapX(before, parts[last]) > MAX_GAP * height) break;
      if (widthOf(boundsAround([before, parts[last]])) > MAX_WIDTH * height) break;
      segments.push({ first, last });
    }
  }
  return segments;
}

/**
 * The cheapest way to read a row: dynamic programming over the segments, which must cover all parts without overlap.
 * Costs are negative logarithms of how likely a reading is: that the classifier knows the segment as a digit, that a
 * digit has this width and height, that a writer left this gap in a digit, that two digits touch here.
 *
 * @param confidences the classifier's highest probability for each segment, or null to go by shape alone
 * @returns the chosen segments, from left to right
 */
export function chooseSegments(
  parts: readonly Part[],
  height: number,
  segments: readonly Segment[],
  confidences: readonly number[] | null,
): Segment[] {
  const best: { cost: number; segment: Segment | null }[] = [{ cost: 0, segment: null }];
  for (let end = 1; end <= parts.length; end++) best.push({ cost: Infinity, segment: null });
  segments.forEach((segment, i) => {
    const cost =
      best[segment.first].cost +
      (segment.first > 0 ? cutCost(parts[segment.first - 1], parts[segment.first], height) : 0) +
      joinCost(parts.slice(segment.first, segment.last + 1), height) +
      shapeCost(boundsAround(parts.slice(segment.first, segment.last + 1)), height) +
      (confidences ? -portableLog(Math.max(confidences[i], LEAST_CONFIDENCE)) : 0);
    if (cost < best[segment.last + 1].cost) best[segment.last + 1] = { cost, segment };
  });
  const chosen: Segment[] = [];
  for (let segment = best[parts.length].segment; segment; segment = best[segment.first].segment)
    chosen.unshift(segment);
  return chosen;
}

/**
 * A cut costs little, so that the classifier decides: it knows whole digits from pieces better than the ink on a cut
 * tells. Separate shapes that overlap by much are seldom two digits.
 */
function cutCost(left: Part, right: Part, height: number): number {
  if (left.shape === right.shape) return 0.2 + 0.2 * left.inkAfter;
  return 5 * Math.max(0, overlapShare(left, right, height) - 0.25);
}

/** A pen that is lifted within a digit goes on over or beside what it drew, and seldom leaves a gap between left and right. */
function joinCost(parts: readonly Part[], height: number): number {
  let cost = 0;
  for (let i = 1; i < parts.length; i++) {
    if (parts[i - 1].shape === parts[i].shape) continue;
    const before = boundsAround(parts.slice(0, i));
    const gap = -overlapX(before, parts[i]) / height;
    cost += gap > 0 ? 1 + 10 * gap : Math.max(0, 1 - 2 * overlapShare(before, parts[i], height));
  }
  return cost;
}

/** How much of the narrower box lies over the other; boxes narrower than a tenth of the height count as that wide. */
function overlapShare(a: Bounds, b: Bounds, height: number): number {
  return Math.max(0, overlapX(a, b)) / Math.max(Math.min(widthOf(a), widthOf(b)), 0.1 * height);
}

/**
 * Digits of a row are about as high as each other and seldom wider than high. A digit that stands out of its row may
 * be as wide as it is high itself.
 */
function shapeCost(bounds: Bounds, height: number): number {
  const tooWide = Math.max(0, widthOf(bounds) / Math.max(height, heightOf(bounds)) - 1) / 0.12;
  const tooLow = Math.max(0, 0.65 - heightOf(bounds) / height) / 0.12;
  return (tooWide * tooWide) / 2 + (tooLow * tooLow) / 2;
}
