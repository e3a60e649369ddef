/** A box by its edges, in any unit; `right - left` is its width. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** @returns the box around all boxes, of which there must be one */
export function boundsAround(boxes: readonly Bounds[]): Bounds {
  let { left, top, right, bottom } = boxes[0];
  for (const box of boxes) {
    left = Math.min(left, box.left);
    top = Math.min(top, box.top);
    right = Math.max(right, box.right);
    bottom = Math.max(bottom, box.bottom);
  }
  return { left, top, right, bottom };
}

export function widthOf({ left, right }: Bounds): number {
  return right - left;
}

export function heightOf({ top, bottom }: Bounds): number {
  return bottom - top;
}

/** @returns how far the boxes overlap on the x axis; negative is the gap between them */
export function overlapX(a: Bounds, b: Bounds): number {
  return Math.min(a.right, b.right) - Math.max(a.left, b.left);
}

/** @returns how far the boxes overlap on the y axis; negative is the gap between them */
export function overlapY(a: Bounds, b: Bounds): number {
  return Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
}

/** @returns the larger of the gaps on either axis, 0 where the boxes touch or overlap */
export function gapBetween(a: Bounds, b: Bounds): number {
  return Math.max(0, -overlapX(a, b), -overlapY(a, b));
}
