import { bottomOf, rightOf } from '../geometry.ts';
import type { Component } from './components.ts';
import type { Ink } from './ink.ts';

/** A path from top to bottom of a component along which it may be cut in two. */
export interface Cut {
  /** For each row of the component, the first column of the right-hand side, counted in the picture. */
  readonly columns: Int32Array;
  /** Pixels of ink on the path. */
  readonly ink: number;
}

/** Paths start this many times per digit height. */
const ANCHORS_PER_HEIGHT = 8;

/** What a step aside costs, in pixels of ink: paths go straight down where nothing is gained by turning. */
const TURN_COST = 0.1;

/** What straying from the anchor costs for each pixel and row, in pixels of ink. */
const STRAY_COST = 0.01;

/** A piece has at least this share of a digit's height, or its cut is not made: it took off the tip of a stroke. */
const LOWEST_PIECE = 0.5;

/** Maximum number of cuts in a component per digit height of its width. */
const MAX_CUTS_PER_HEIGHT = 4;

/**
 * Finds where a component could fall apart into digits that touch: the paths from top to bottom, anywhere along it,
 * that cross the least ink. A path runs through paper for nothing, as a drop that falls along the strokes would, and
 * crosses them where they are thinnest.
 *
 * @param digitHeight of the row, in pixels
 * @param strokeWidth of the writing, in pixels
 * @returns cuts from left to right that do not cross each other, none that takes off the tip of a stroke
 * @see G. Congedo et al., "Segmentation of numeric strings", 1995, for the drop falling algorithm that this generalises
 */
export function findCuts(ink: Ink, component: Component, digitHeight: number, strokeWidth: number): Cut[] {
  const { width } = component;
  const margin = Math.max(2, Math.round(0.12 * digitHeight));
  const spacing = Math.max(1, digitHeight / ANCHORS_PER_HEIGHT);
  const candidates: Cut[] = [];
  for (let anchor = margin; anchor <= width - margin; anchor += spacing) {
    candidates.push(cheapestPath(ink, component, Math.round(anchor), Math.ceil(1.5 * spacing)));
  }
  const apart = 0.12 * digitHeight;
  let chosen: Cut[] = [];
  for (const cut of candidates.sort((a, b) => a.ink - b.ink)) {
    if (chosen.length >= (MAX_CUTS_PER_HEIGHT * width) / digitHeight || cut.ink > 3.5 * strokeWidth + 2) break;
    if (!chosen.every((other) => Math.abs(meanOf(other) - meanOf(cut)) >= apart)) continue;
    const ordered = untangle([...chosen, cut].sort((a, b) => meanOf(a) - meanOf(b)));
    if (lowestPiece(ink, component, ordered) >= LOWEST_PIECE * digitHeight) chosen = ordered;
  }
  return chosen;
}

/** The height of the lowest of the pieces that the cuts make. */
function lowestPiece({ labels, width }: Ink, component: Component, cuts: readonly Cut[]): number {
  const tops = new Int32Array(cuts.length + 1).fill(bottomOf(component));
  const bottoms = new Int32Array(cuts.length + 1).fill(component.y);
  forEachPixel(labels, width, component, component.label, (_, x, y) => {
    let piece = 0;
    while (piece < cuts.length && x >= cuts[piece].columns[y - component.y]) piece++;
    if (y < tops[piece]) tops[piece] = y;
    bottoms[piece] = y;
  });
  return tops.reduce((lowest, top, i) => Math.min(lowest, bottoms[i] - top + 1), Infinity);
}

function cheapestPath({ labels, width: stride }: Ink, component: Component, anchor: number, reach: number): Cut {
  const { height } = component;
  const first = Math.max(component.x + 1, component.x + anchor - reach);
  const last = Math.min(rightOf(component) - 1, component.x + anchor + reach);
  const breadth = last - first + 1;
  const costs = new Float64Array(breadth * height);
  const inkAt = (row: number, k: number): number =>
    labels[(component.y + row) * stride + first + k] === component.label ? 1 : 0;
  const stepCost = (row: number, k: number): number =>
    inkAt(row, k) + STRAY_COST * Math.abs(first + k - component.x - anchor);
  for (let k = 0; k < breadth; k++) costs[k] = stepCost(0, k);
  for (let row = 1; row < height; row++) {
    for (let k = 0; k < breadth; k++) {
      costs[row * breadth + k] = stepCost(row, k) + cheapestAbove(costs, (row - 1) * breadth, k, breadth).cost;
    }
  }
  const columns = new Int32Array(height);
  let k = 0;
  const bottom = (height - 1) * breadth;
  for (let j = 1; j < breadth; j++) if (costs[bottom + j] < costs[bottom + k]) k = j;
  let ink = 0;
  for (let row = height - 1; row >= 0; row--) {
    columns[row] = first + k;
    ink += inkAt(row, k);
    if (row > 0) k = cheapestAbove(costs, (row - 1) * breadth, k, breadth).k;
  }
  return { columns, ink };
}

function cheapestAbove(costs: Float64Array, start: number, k: number, breadth: number): { cost: number; k: number } {
  let best = { cost: costs[start + k], k };
  for (const side of [k - 1, k + 1]) {
    if (side < 0 || side >= breadth) continue;
    const cost = costs[start + side] + TURN_COST;
    if (cost < best.cost) best = { cost, k: side };
  }
  return best;
}

function meanOf({ columns }: Cut): number {
  return columns.reduce((sum, column) => sum + column, 0) / columns.length;
}

/** Where a path would cross the one before it, it runs along it. */
function untangle(cuts: readonly Cut[]): Cut[] {
  const ordered: Cut[] = [];
  for (const { columns, ink } of cuts) {
    const before = ordered.at(-1);
    ordered.push({ ink, columns: before ? columns.map((column, i) => Math.max(column, before.columns[i])) : columns });
  }
  return ordered;
}

/**
 * Gives the pixels of each piece a label of its own.
 *
 * @param ink whose `labels` are changed
 * @param cuts from left to right
 * @param firstLabel the first label that is free; the pieces take as many as there are cuts from there on, and the
 * component's own
 * @returns the pieces from left to right
 */
export function applyCuts(
  { labels, width }: Ink,
  component: Component,
  cuts: readonly Cut[],
  firstLabel: number,
): Component[] {
  const pieces = Array.from({ length: cuts.length + 1 }, (_, i) => ({
    label: i < cuts.length ? firstLabel + i : component.label,
    left: Infinity,
    top: Infinity,
    right: -Infinity,
    bottom: -Infinity,
    numPixels: 0,
  }));
  forEachPixel(labels, width, component, component.label, (i, x, y) => {
    let index = 0;
    while (index < cuts.length && x >= cuts[index].columns[y - component.y]) index++;
    const piece = pieces[index];
    labels[i] = piece.label;
    piece.left = Math.min(piece.left, x);
    piece.right = Math.max(piece.right, x);
    piece.top = Math.min(piece.top, y);
    piece.bottom = Math.max(piece.bottom, y);
    piece.numPixels++;
  });
  return pieces.map(({ label, left, top, right, bottom, numPixels }) => ({
    label,
    numPixels,
    x: left,
    y: top,
    width: right - left + 1,
    height: bottom - top + 1,
  }));
}

function forEachPixel(
  labels: Int32Array,
  width: number,
  component: Component,
  label: number,
  visit: (index: number, x: number, y: number) => void,
): void {
  const [right, bottom] = [rightOf(component), bottomOf(component)];
  for (let y = component.y; y < bottom; y++) {
    for (let x = component.x; x < right; x++) if (labels[y * width + x] === label) visit(y * width + x, x, y);
  }
}
