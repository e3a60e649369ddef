import { drawStrokes } from '../drawing/rendering.ts';
import type { Stroke } from '../drawing/stroke.ts';
import type { InkPlanes } from './ink-planes.ts';

/** Position and size of a test's strokes in their planes, in pixels of the planes. */
export interface Sheet {
  readonly width?: number;
  readonly height?: number;
  /** Upper left corner of the strokes' unit square. */
  readonly x?: number;
  readonly y?: number;
  /** Side of the strokes' unit square. */
  readonly size?: number;
  readonly penWidth?: number;
}

/** Returns the planes of strokes whose ink is exactly known: by default 100 pixels high, with a pen of 10, in 160x160. */
export function planesOf(strokes: readonly Stroke[], sheet: Sheet = {}): InkPlanes {
  const { width = 160, height = 160, x = 40, y = 30, size = 100, penWidth = 10 } = sheet;
  const placed = strokes.map((stroke) =>
    stroke.map(
      ([px, py]) => [x + penWidth / 2 + px * (size - penWidth), y + penWidth / 2 + py * (size - penWidth)] as const,
    ),
  );
  const coverage = drawStrokes(placed, width, height, () => penWidth / 2);
  return {
    width,
    height,
    ink: Float32Array.from(coverage, (value) => value / 255),
    ruling: new Float32Array(width * height),
    region: { x: 0, y: 0, width, height },
  };
}
