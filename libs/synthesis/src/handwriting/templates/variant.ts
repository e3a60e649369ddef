/**
 * One way of writing a digit, as data: what the pen draws, stroke by stroke, and how much it may vary before a person would
 * read something else.
 */
export interface HandwritingVariant {
  /** The digit's name and what is special about it, as in `seven-crossed`. */
  readonly name: string;
  /** The label, in [0, 9]. */
  readonly digit: number;
  /** How often it is made, against the other variants of its digit. */
  readonly weight: number;
  /** Whether it is kept out of training, so that validation shows what was learnt beyond the templates. */
  readonly heldOut: boolean;
  /**
   * Each stroke as SVG path data of absolute `M`, `L` and `C` commands: x to the right, y down, the digit from y = 0 at the
   * top to y = 100 at its foot. Paste one into an SVG to see it.
   */
  readonly strokes: readonly string[];
  /** Indices of the strokes that are closed rings, which writers start anywhere; none when left out. */
  readonly rings?: readonly number[];
  /** Horizontal shear, least and most, as x gained per y climbed: positive leans to the right. */
  readonly slant?: Range;
  /** Factor on the width, least and most. */
  readonly width?: Range;
  /** Factor on all jitter of control points and ends; 1 when left out. */
  readonly looseness?: number;
}

/** Least and most of what is drawn at random. */
export type Range = readonly [low: number, high: number];

/** How far most digits lean: most hands lean to the right, some stand up, few lean to the left. */
export const USUAL_SLANT: Range = [-0.12, 0.42];

/** How narrow and how wide most digits are written. */
export const USUAL_WIDTH: Range = [0.75, 1.3];
