import { type Box, sizeOf } from '../geometry.ts';
import { type Component, labelComponents, type Labelling } from './components.ts';
import { type Contrast, inkFloor, inkLevel } from './contrast.ts';
import { createPlane, maskAbove, type Plane } from './plane.ts';
import { removeRuledLines } from './ruled-lines.ts';

/** What of a picture is ink. */
export interface Ink extends Labelling {
  readonly width: number;
  readonly height: number;
  /** Soft ink, `[h, w]` in [0, 1]: 1 where it covers the pixel, between at edges, 0 for paper. Not only inside labels. */
  readonly soft: Plane;
  /** `[h, w]`: 1 where ink was found before anything was discarded. */
  readonly found: Uint8Array;
}

/** Ink is at least this many times as dark as the paper's noise: the strongest of mere noise is about 4.5 times. */
const CLEAR_INK = 6;

/**
 * Tells ink from paper: by a threshold at a share of the ink's own level, and kept above the paper's noise; faint parts count
 * where they hang on strong ones. Ruled lines are removed.
 *
 * @returns null where nothing stands out
 */
export function findInk(contrast: Contrast): Ink | null {
  const { plane, noise } = contrast;
  const { width, height, values } = plane;
  const floor = inkFloor(contrast);
  const level = inkLevel(values, floor, null);
  if (level === null || level < CLEAR_INK * noise) return null;
  const weak = Math.max(0.75 * floor, 0.35 * level);
  const found = maskAbove(values, weak);
  const mask = found.slice();
  const withoutLines = mask.slice();
  const numLines = removeRuledLines(withoutLines, width, height);
  // A single line on an empty sheet may be a 1 from edge to edge; several are the sheet's own.
  if (numLines > 1 || withoutLines.some((value) => value !== 0)) mask.set(withoutLines);
  const strong = Math.max(floor, 0.5 * level);
  const labelling = keepStrong(labelComponents(mask, width, height), values, strong, mask, width, height);
  if (labelling.components.length === 0) return null;
  const finalLevel = inkLevel(values, weak, labelling.labels) ?? level;
  return { ...labelling, width, height, found, soft: soften(plane, noise, finalLevel) };
}

function keepStrong(
  { labels, components }: Labelling,
  values: Float32Array,
  strong: number,
  mask: Uint8Array,
  width: number,
  height: number,
): Labelling {
  const numStrong = new Uint32Array(components.length + 1);
  for (let i = 0; i < labels.length; i++) if (labels[i] !== 0 && values[i] > strong) numStrong[labels[i]]++;
  const largest = components.reduce((max, component) => Math.max(max, component.numPixels), 0);
  const isSpeck = (component: Component): boolean =>
    component.numPixels < 0.002 * largest ||
    (component.numPixels <= 2 && sizeOf(component) < 0.02 * Math.max(width, height));
  const keep = components.map((component) => numStrong[component.label] > 0 && !isSpeck(component));
  if (keep.every((kept) => kept)) return { labels, components };
  for (let i = 0; i < labels.length; i++) mask[i] = labels[i] !== 0 && keep[labels[i] - 1] ? 1 : 0;
  return labelComponents(mask, width, height);
}

/** Paper to 0 and solid ink to 1: the ramp between starts above the noise and ends below the ink's level, as ink varies. */
function soften({ width, height, values }: Plane, noise: number, level: number): Plane {
  const soft = createPlane(width, height);
  const low = Math.min(Math.max(2.5 * noise, 0.1 * level), 0.3 * level);
  const high = 0.9 * level;
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] - low) / (high - low);
    soft.values[i] = value < 0 ? 0 : value > 1 ? 1 : value;
  }
  return soft;
}

/**
 * The soft ink of some labels alone, with the soft edge around it.
 *
 * @param chosen the labels
 * @param box what to cut out; a margin of one pixel for the soft edge is added, and reaches beyond the picture as 0
 * @returns `[box.height + 2, box.width + 2]` in [0, 1]: as `ink.soft` on the labels' pixels and on the unlabelled ones
 * that touch them
 */
export function inkOf({ width, height, labels, soft }: Ink, chosen: ReadonlySet<number>, box: Box): Plane {
  const plane = createPlane(box.width + 2, box.height + 2);
  const top = Math.max(0, box.y - 1);
  const bottom = Math.min(height - 1, box.y + box.height);
  const left = Math.max(0, box.x - 1);
  const right = Math.min(width - 1, box.x + box.width);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const i = y * width + x;
      if (soft.values[i] === 0) continue;
      const own = labels[i] !== 0 ? chosen.has(labels[i]) : touches(labels, x, y, width, height, chosen);
      if (own) plane.values[(y - box.y + 1) * plane.width + x - box.x + 1] = soft.values[i];
    }
  }
  return plane;
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
