import {
  bottomOf,
  type Box,
  boxAround,
  doubleCentreX,
  gapBetween,
  overlapX,
  overlapY,
  rightOf,
  sizeOf,
} from '../geometry.ts';
import { findRows, Groups, typicalHeight } from '../segmentation/rows.ts';
import type { Part, Row } from '../segmentation/segmentation.ts';
import type { Component } from './components.ts';
import { applyCuts, findCuts } from './cuts.ts';
import type { Ink } from './ink.ts';
import { measureStrokeWidth } from './stroke-width.ts';

/** A part of a row of writing in a picture. */
export interface PicturePart extends Part {
  /** The labels of its pixels in the ink it was found in. */
  readonly labels: readonly number[];
  /** Labels of all parts of its shape; null if the shape was not cut. */
  readonly cut: readonly number[] | null;
}

/** Components that are one whole (a 0 and its slash, the halves of a broken 8). */
export interface Shape extends Box {
  readonly members: readonly Component[];
  /** Their labels. */
  readonly labels: readonly number[];
}

/** A row of writing whose shapes are not cut yet. */
export interface ShapeRow {
  /** From left to right. */
  readonly shapes: readonly Shape[];
  /** Height of the row's digits, in pixels. */
  readonly height: number;
}

/** Lower than this share of a digit's height is a piece of one, or a mark. */
const PIECE_HEIGHT = 0.35;

/** Higher than this many digits is not a digit. */
const TALLEST = 2.5;

/** What is lower than this share of a digit's height and touches the upper or lower border is a part of something outside. */
const CUT_OFF_HEIGHT = 0.6;

/** A shape at the left or right border that is narrower than this share of a digit's height is a strip of something outside. */
const STRIP_WIDTH = 0.3;

/** Smaller than this share of a digit's height is dirt, unless it touches a shape's box. */
const SPECK_SIZE = 0.2;

/** Wider than this share of the row's height may be two digits that touch, one of them a 1. */
const TOUCHING_WIDTH = 0.55;

/**
 * Groups ink into rows of shapes. Leaves out specks and shapes that are far taller than the digits, and adds pieces to the nearest row.
 *
 * @returns rows from top to bottom
 */
export function findShapes(ink: Ink): ShapeRow[] {
  const height = typicalHeight(ink.components);
  const shapes = groupComponents(ink.components, height).filter(
    (shape) => shape.height <= TALLEST * height && !isCutOff(shape, ink, height),
  );
  const isWhole = (shape: Shape): boolean => shape.height >= PIECE_HEIGHT * height;
  const wholes = shapes.filter(isWhole);
  if (wholes.length === 0) return [];
  const rows = findRows(wholes, height).map((row) => row.map((i) => wholes[i]));
  const addedTo = new Map(rows.map((row) => [row, [...row]]));
  for (const piece of shapes.filter((shape) => !isWhole(shape))) {
    const home = rows
      .map((row) => ({ row, gap: Math.min(...row.map((whole) => gapBetween(whole, piece))) }))
      .reduce((nearest, other) => (other.gap < nearest.gap ? other : nearest));
    const isSpeck = sizeOf(piece) < SPECK_SIZE * height;
    if (home.gap <= (isSpeck ? 0.05 : 0.3) * height) addedTo.get(home.row)?.push(piece);
  }
  return rows.map((row) => ({
    shapes: (addedTo.get(row) ?? row).sort((a, b) => doubleCentreX(a) - doubleCentreX(b)),
    height: typicalHeight(row),
  }));
}

/** Returns whether a shape is wide enough for two digits that touch. */
export function isWide({ members }: Shape, rowHeight: number): boolean {
  return members.some(({ width }) => width >= TOUCHING_WIDTH * rowHeight);
}

/** Rows of parts, and the ink that their labels refer to. */
export interface CutInk {
  readonly ink: Ink;
  readonly rows: readonly Row<PicturePart>[];
}

/**
 * Cuts wide shapes into parts wherever they could be two digits. Other shapes are one part each.
 *
 * @param isOneDigit returns whether a shape is known to be one digit, which is not cut
 * @returns `ink` itself if nothing is cut, otherwise a copy in which each piece has its own label
 */
export function cutShapes(ink: Ink, rows: readonly ShapeRow[], isOneDigit: (shape: Shape) => boolean): CutInk {
  const isCut = (shape: Shape, height: number): boolean => isWide(shape, height) && !isOneDigit(shape);
  const isAnyCut = rows.some(({ shapes, height }) => shapes.some((shape) => isCut(shape, height)));
  const cutInk = isAnyCut ? { ...ink, labels: ink.labels.slice() } : ink;
  const nextLabel = { value: ink.components.length + 1 };
  let numShapes = 0;
  const partRows = rows.map(({ shapes, height }) => {
    const parts = shapes.flatMap((shape) => {
      const number = numShapes++;
      return isCut(shape, height) ? cutShape(cutInk, shape, number, height, nextLabel) : [wholePart(shape, number)];
    });
    return { parts, height };
  });
  return { ink: cutInk, rows: partRows };
}

/** Returns whether a shape is the tip of a stroke from a row above or below, or a strip of the table beside the sheet. */
function isCutOff(shape: Shape, ink: Ink, height: number): boolean {
  const isAtTopOrBottom = shape.y === 0 || bottomOf(shape) === ink.height;
  const isAtSide = shape.x === 0 || rightOf(shape) === ink.width;
  // A tight crop of a 1 touches the sides, too.
  const isStrip = isAtSide && shape.width < STRIP_WIDTH * height && ink.height > 2 * height;
  return isStrip || (isAtTopOrBottom && shape.height < CUT_OFF_HEIGHT * height);
}

function groupComponents(components: readonly Component[], height: number): Shape[] {
  const groups = new Groups(components.length);
  for (let i = 0; i < components.length; i++) {
    for (let j = 0; j < i; j++) if (areOneShape(components[i], components[j], height)) groups.join(i, j);
  }
  return groups.list().map((group) => {
    const members = group.map((i) => components[i]);
    return { ...boxAround(members), members, labels: members.map(({ label }) => label) };
  });
}

/** One inside the other, or one over the other with a small gap and no higher together than a digit is. */
function areOneShape(a: Box, b: Box, height: number): boolean {
  const narrower = Math.min(a.width, b.width);
  const lower = Math.min(a.height, b.height);
  const besides = overlapX(a, b);
  const above = overlapY(a, b);
  const isInside = besides >= 0.8 * narrower && above >= 0.5 * lower && lower < 0.6 * Math.max(a.height, b.height);
  const isStacked = besides >= 0.5 * narrower && above >= -0.15 * height && boxAround([a, b]).height <= 1.5 * height;
  return isInside || isStacked;
}

function wholePart({ x, y, width, height, labels }: Shape, number: number): PicturePart {
  return { x, y, width, height, shape: number, inkAfter: 0, labels, cut: null };
}

/** Cuts a wide shape into its parts, from left to right; one part if no cut is found. */
function cutShape(
  ink: Ink,
  shape: Shape,
  number: number,
  rowHeight: number,
  nextLabel: { value: number },
): PicturePart[] {
  const widest = shape.members.reduce((a, b) => (b.width > a.width ? b : a));
  const strokeWidth = strokeWidthOf(ink, widest);
  const cuts = findCuts(ink, widest, rowHeight, strokeWidth);
  if (cuts.length === 0) return [wholePart(shape, number)];
  const pieces = applyCuts(ink, widest, cuts, nextLabel.value);
  nextLabel.value += cuts.length;
  const others = shape.members.filter((member) => member !== widest);
  const cut = pieces.map(({ label }) => label);
  return pieces.map((piece, i) => {
    const near = others.filter((other) => nearestPiece(other, pieces) === piece);
    const box = boxAround([piece, ...near]);
    const inkAfter = i < cuts.length ? cuts[i].ink / Math.max(strokeWidth, 1) : 0;
    return { ...box, shape: number, inkAfter, labels: [piece, ...near].map((part) => part.label), cut };
  });
}

function nearestPiece(component: Component, pieces: readonly Component[]): Component {
  const distance = (piece: Component): number => Math.abs(doubleCentreX(component) - doubleCentreX(piece));
  return pieces.reduce((nearest, piece) => (distance(piece) < distance(nearest) ? piece : nearest));
}

/** Returns the mean width of the component's strokes, in pixels. */
function strokeWidthOf(
  { labels, width }: Ink,
  { label, x: left, y: top, width: columns, height: rows }: Component,
): number {
  const mask = new Uint8Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) mask[y * columns + x] = labels[(top + y) * width + left + x] === label ? 1 : 0;
  }
  return measureStrokeWidth(mask, columns, rows);
}
