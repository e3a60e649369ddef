/** A rectangle; `x` and `y` are its upper left corner, y points down. In pixels, pixel i covers [i, i + 1). */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Returns the x coordinate of the right edge. */
export function rightOf({ x, width }: Box): number {
  return x + width;
}

/** Returns the y coordinate of the bottom edge. */
export function bottomOf({ y, height }: Box): number {
  return y + height;
}

/** Returns twice the x coordinate of the centre. */
export function doubleCentreX({ x, width }: Box): number {
  return x + x + width;
}

/** Returns the longer side. */
export function sizeOf({ width, height }: Box): number {
  return Math.max(width, height);
}

/** Returns the smallest box around all points, of which there must be at least one. */
export function boxAroundPoints(points: Iterable<readonly [x: number, y: number, ...rest: unknown[]]>): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Returns the smallest box around all boxes, of which there must be at least one. */
export function boxAround(boxes: readonly Box[]): Box {
  let { x: left, y: top } = boxes[0];
  let [right, bottom] = [rightOf(boxes[0]), bottomOf(boxes[0])];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, rightOf(box));
    bottom = Math.max(bottom, bottomOf(box));
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Returns how far the boxes overlap on the x axis; negative is the gap between them. */
export function overlapX(a: Box, b: Box): number {
  return Math.min(rightOf(a), rightOf(b)) - Math.max(a.x, b.x);
}

/** Returns how far the boxes overlap on the y axis; negative is the gap between them. */
export function overlapY(a: Box, b: Box): number {
  return Math.min(bottomOf(a), bottomOf(b)) - Math.max(a.y, b.y);
}

/** Returns the larger of the gaps on either axis, 0 if the boxes touch or overlap. */
export function gapBetween(a: Box, b: Box): number {
  return Math.max(0, -overlapX(a, b), -overlapY(a, b));
}
