import type { Ink } from './ink.ts';
import type { Box } from './picture.ts';
import { createPlane, type Plane } from './plane.ts';

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
