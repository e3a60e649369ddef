import { sizeOf } from '../geometry.ts';
import type { Component } from './components.ts';
import type { Ink } from './ink.ts';
import { measureStrokeWidth } from './stroke-width.ts';

/** A digit that fills its picture meets the border in fewer places than this; a pattern runs over it everywhere. */
const MAX_BORDER_RUNS = 10;

/** Strokes are at most this thick, as a share of the digit's longer side; a disc or a square is 2/3. */
const THICKEST_SHARE = 0.5;

/** Ink along more of the border than this, and thicker than {@link BORDER_THICKNESS}, is a shadow or another sheet. */
const BORDER_SHARE = 0.3;
const BORDER_THICKNESS = 0.25;

/**
 * Tells a pattern from writing: it runs over the border in many places, and most of its ink hangs on it.
 *
 * @returns whether the ink of the whole picture is a pattern
 */
export function isPattern({ width, height, labels, components }: Ink): boolean {
  const ring = borderOf(labels, width, height);
  const runs = ring.filter((label, i) => label !== 0 && ring[(i + ring.length - 1) % ring.length] === 0).length;
  if (runs <= MAX_BORDER_RUNS) return false;
  const atBorder = new Set(ring);
  let total = 0;
  let hanging = 0;
  for (const { label, numPixels } of components) {
    total += numPixels;
    if (atBorder.has(label)) hanging += numPixels;
  }
  return hanging > total / 2;
}

/** @returns whether a component is too thick to be made of strokes: a blob, a shadow, the edge of another sheet */
export function isBlob({ labels, width, height }: Ink, component: Component): boolean {
  const share = strokeWidthOf(labels, width, component) / sizeOf(component);
  if (share > THICKEST_SHARE) return true;
  const ring = borderOf(labels, width, height);
  const covered = ring.filter((label) => label === component.label).length;
  return share > BORDER_THICKNESS && covered > BORDER_SHARE * ring.length;
}

/**
 * @param labels `[h, width]`
 * @returns the mean width of the component's strokes, in pixels
 */
export function strokeWidthOf(labels: Int32Array, width: number, component: Component): number {
  const { label, x: left, y: top, width: columns, height: rows } = component;
  const mask = new Uint8Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) mask[y * columns + x] = labels[(top + y) * width + left + x] === label ? 1 : 0;
  }
  return measureStrokeWidth(mask, columns, rows);
}

/** The labels around the border, clockwise from the upper left corner. */
function borderOf(labels: Int32Array, width: number, height: number): number[] {
  const ring: number[] = [];
  for (let x = 0; x < width; x++) ring.push(labels[x]);
  for (let y = 1; y < height; y++) ring.push(labels[y * width + width - 1]);
  for (let x = width - 2; x >= 0; x--) ring.push(labels[(height - 1) * width + x]);
  for (let y = height - 2; y > 0; y--) ring.push(labels[y * width]);
  return ring;
}
