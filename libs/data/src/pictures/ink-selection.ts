import type { Ink } from './ink.ts';
import { createPlane, type Plane } from './plane.ts';

/**
 * The soft ink of some components alone, with the soft edge around them.
 *
 * @param labels the components' labels
 * @returns `[h, w]` in [0, 1]: as `ink.soft` on the components' pixels and on the unlabelled ones that touch them
 */
export function inkOf({ width, height, labels, soft }: Ink, chosen: ReadonlySet<number>): Plane {
  const plane = createPlane(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (soft.values[i] === 0) continue;
      const own = labels[i] !== 0 ? chosen.has(labels[i]) : touches(labels, x, y, width, height, chosen);
      if (own) plane.values[i] = soft.values[i];
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
