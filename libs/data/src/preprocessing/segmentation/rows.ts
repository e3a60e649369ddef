import { bottomOf, type Box, boxAround, doubleCentreX, overlapX, overlapY } from '../geometry.ts';

/** Neighbours in a row are at most this many digit heights apart, edge to edge, to be linked directly. */
const REACH = 1.5;

/**
 * The height of a digit: the median of the boxes' heights, each weighted by its square, so that specks and broken
 * pieces, however many, do not count for more than digits do.
 */
export function typicalHeight(boxes: readonly Box[]): number {
  const heights = boxes.map(({ height }) => height).sort((a, b) => a - b);
  let remaining = heights.reduce((sum, height) => sum + height * height, 0) / 2;
  return heights.find((height) => (remaining -= height * height) <= 0) ?? 0;
}

/**
 * Puts boxes into rows as they are read: neighbours that stand side by side are linked, so that a slanted row stays
 * one, and linked groups at the same height are one row however wide the gap between them.
 *
 * @param height of a typical digit
 * @returns indices into `boxes`: rows from top to bottom, each from left to right by the boxes' middles
 */
export function findRows(boxes: readonly Box[], height: number): number[][] {
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
