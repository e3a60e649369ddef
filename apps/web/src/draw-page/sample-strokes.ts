import type { Stroke } from '@digits/data';
import { generateStrokes, HANDWRITING_VARIANTS } from '@digits/synthesis';
import { SURFACE_SIDE } from './drawing.ts';

/** Height of a sample as a share of the surface. */
const SHARE = 0.62;

/** The first variants of each digit are the plain ones. */
const PLAIN = 2;

/**
 * Writes a digit in the middle of the surface.
 *
 * @param count which sample of the digit; each is another hand
 */
export function sampleStrokes(digit: number, count: number): Stroke[] {
  const variants = HANDWRITING_VARIANTS.filter((variant) => variant.digit === digit && !variant.heldOut).slice(
    0,
    PLAIN,
  );
  const written = generateStrokes(variants[count % variants.length], digit, count, { strength: 0.5 });
  const points = written.flat();
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (SHARE * SURFACE_SIDE) / Math.max(right - left, bottom - top);
  return written.map((stroke) =>
    stroke.map(([x, y]) => [
      Math.round(SURFACE_SIDE / 2 + (x - (left + right) / 2) * scale),
      Math.round(SURFACE_SIDE / 2 + (y - (top + bottom) / 2) * scale),
    ]),
  );
}
