import { bottomOf, type Box, boxAround, doubleCentreX, overlapX, overlapY } from '../geometry.ts';

/** Neighbours in a row are at most this many digit heights apart, edge to edge, to be linked directly. */
const REACH = 1.5;

/**
 * Returns the height of a digit: the median of the boxes' heights, each weighted by itself, so that specks and broken pieces do
 * not count for more than digits do, nor a few tall digits for more than many low ones.
 */
export function typicalHeight(boxes: readonly Box[]): number {
  const heights = boxes.map(({ height }) => height).sort((a, b) => a - b);
  let remaining = heights.reduce((sum, height) => sum + height, 0) / 2;
  return heights.find((height) => (remaining -= height) <= 0) ?? 0;
}

/**
 * Puts boxes into rows as they are read: neighbours that stand side by side are linked, so that a slanted row stays
 * one, and linked groups at the same height are one row however wide the gap between them. A tilt that most neighbours share is
 * taken out first.
 *
 * @param height of a typical digit
 * @returns indices into `drawn`: rows from top to bottom, each from left to right by the boxes' middles
 */
export function findRows(drawn: readonly Box[], height: number): number[][] {
  const boxes = levelled(drawn, height);
  const groups = new Groups(boxes.length);
  for (let i = 0; i < boxes.length; i++) {
    for (let j = 0; j < i; j++) {
      const isLevel = overlapY(boxes[i], boxes[j]) >= 0.5 * Math.min(boxes[i].height, boxes[j].height);
      if (isLevel && -overlapX(boxes[i], boxes[j]) <= REACH * height) groups.join(i, j);
    }
  }
  const middleX = (i: number): number => doubleCentreX(boxes[i]);
  return mergeLevelRows(groups.list(), boxes)
    .map((row) => row.sort((a, b) => middleX(a) - middleX(b)))
    .sort((a, b) => meanMiddle(a, boxes) - meanMiddle(b, boxes));
}

/** Rows are tilted by at most this slope: 15 degrees. */
const MAX_SLOPE = 0.27;

/** Fewer pairs of neighbours than this say nothing about the tilt of a page. */
const MIN_PAIRS = 3;

/** Moves boxes up or down so that rows that are tilted alike become level. */
function levelled(boxes: readonly Box[], height: number): Box[] {
  const slopes = boxes.flatMap((box) => {
    const next = nextInRow(box, boxes, height);
    return next === null ? [] : [(middleY(next) - middleY(box)) / ((doubleCentreX(next) - doubleCentreX(box)) / 2)];
  });
  if (slopes.length < MIN_PAIRS) return [...boxes];
  const median = slopes.sort((a, b) => a - b)[slopes.length >> 1];
  const slope = Math.min(MAX_SLOPE, Math.max(-MAX_SLOPE, median));
  return boxes.map((box) => ({ ...box, y: box.y - (slope * doubleCentreX(box)) / 2 }));
}

/** Returns the nearest box to the right that is about as high and overlaps in height, or null if there is none within reach. */
function nextInRow(box: Box, boxes: readonly Box[], height: number): Box | null {
  const candidates = boxes.filter(
    (other) =>
      doubleCentreX(other) > doubleCentreX(box) + height / 2 &&
      -overlapX(box, other) <= REACH * height &&
      overlapY(box, other) >= 0.4 * Math.min(box.height, other.height) &&
      Math.min(box.height, other.height) >= 0.6 * Math.max(box.height, other.height),
  );
  return candidates.reduce<Box | null>(
    (nearest, other) => (nearest === null || doubleCentreX(other) < doubleCentreX(nearest) ? other : nearest),
    null,
  );
}

function middleY(box: Box): number {
  return (box.y + bottomOf(box)) / 2;
}

/** Rows of which neither is over or under the other, and whose levels agree, are parts of one. */
function mergeLevelRows(rows: number[][], boxes: readonly Box[]): number[][] {
  const merged: number[][] = [];
  for (const row of rows.sort((a, b) => boxOfRow(a, boxes).x - boxOfRow(b, boxes).x)) {
    const box = boxOfRow(row, boxes);
    const partner = merged.find((other) => {
      const otherBox = boxOfRow(other, boxes);
      const overlap = overlapY(box, otherBox);
      const isBeside = overlapX(box, otherBox) <= 0.2 * Math.min(box.width, otherBox.width);
      return isBeside && overlap >= 0.5 * Math.min(box.height, otherBox.height);
    });
    if (partner) partner.push(...row);
    else merged.push([...row]);
  }
  return merged;
}

function boxOfRow(row: readonly number[], boxes: readonly Box[]): Box {
  return boxAround(row.map((i) => boxes[i]));
}

function meanMiddle(row: readonly number[], boxes: readonly Box[]): number {
  return row.reduce((sum, i) => sum + boxes[i].y + bottomOf(boxes[i]), 0) / row.length;
}

/** Which of n things belong together: a union-find. */
export class Groups {
  private readonly parents: number[];

  constructor(count: number) {
    this.parents = Array.from({ length: count }, (_, i) => i);
  }

  join(a: number, b: number): void {
    const [rootA, rootB] = [this.root(a), this.root(b)];
    this.parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }

  /** @returns the groups, ordered by their first members, members in order */
  list(): number[][] {
    const groups = new Map<number, number[]>();
    for (let i = 0; i < this.parents.length; i++) {
      const root = this.root(i);
      const group = groups.get(root);
      if (group) group.push(i);
      else groups.set(root, [i]);
    }
    return [...groups.values()];
  }

  private root(i: number): number {
    while (this.parents[i] !== i) i = this.parents[i];
    return i;
  }
}
