import type { Knot } from './bezier-path.ts';
import type { RandomStream } from '@digits/data';
import { USUAL_SLANT, USUAL_WIDTH, type HandwritingVariant } from './templates/variant.ts';

/*
 * Lengths here are in the templates' unit: a digit is 100 high. The amounts were set by looking at a hundred of each
 * variant: the largest at which every one is still read without a doubt.
 */

/** A knot moves up to this far on either axis. */
const KNOT_JITTER = 12;

/** Both handles of a smooth knot turn together by up to this, in radians. */
const HANDLE_TURN = 0.38;

/** Each handle gets longer or shorter by up to this share. */
const HANDLE_STRETCH = 0.45;

/** A handle at a corner or an end moves up to this far, which bends what was straight. */
const HANDLE_JITTER = 8;

/** Each end is drawn on or stops short by up to this: overshoot and gaps where strokes should meet. */
const END_JITTER = 13;

/** A further stroke is set down up to this far from where it belongs. */
const STROKE_SHIFT = 8;

/** How one writer writes one digit this time. */
export interface Hand {
  readonly slant: number;
  readonly width: number;
  /** Rotation as a small tangent, clockwise when positive. */
  readonly turn: number;
  /** Moves the waist: how much higher or lower the middle lies, as a share of the height. */
  readonly waist: number;
  /** Widens the top and narrows the foot by this share of their half widths, or the other way round. */
  readonly taper: number;
  /** Factor on all jitter. */
  readonly looseness: number;
  /** Sideways trembling, largest displacement. */
  readonly tremor: number;
  /** In [0, 1]: a quick pen cuts corners and leaves fewer points. */
  readonly haste: number;
}

/** @param strength factor on everything that distorts; 0 gives the template itself */
export function drawHand(random: RandomStream, variant: HandwritingVariant, strength: number): Hand {
  const { slant = USUAL_SLANT, width = USUAL_WIDTH, looseness = 1 } = variant;
  // Taken in every case, so that what follows does not depend on the strength.
  return {
    slant: strength * random.uniform(...slant),
    width: 1 + strength * (random.uniform(...width) - 1),
    turn: strength * random.around(0.15),
    waist: strength * random.around(0.17),
    taper: strength * random.around(0.3),
    looseness: strength * looseness * random.uniform(0.3, 1),
    tremor: strength * random.uniform(0, 1) * random.uniform(0, 1.6),
    haste: Math.min(1, strength) * random.uniform(0, 1),
  };
}

/** Moves control points and ends as an unsteady hand does. */
export function jitterStroke(
  random: RandomStream,
  knots: readonly Knot[],
  isFirst: boolean,
  looseness: number,
): Knot[] {
  const shiftX = isFirst ? 0 : random.around(STROKE_SHIFT * looseness);
  const shiftY = isFirst ? 0 : random.around(STROKE_SHIFT * looseness);
  return knots.map((knot, i) => {
    const jittered = jitterKnot(random, knot, looseness);
    const end = i === 0 ? jittered.handleOut : i === knots.length - 1 ? jittered.handleIn : null;
    const along = end === null ? 0 : random.around(END_JITTER * looseness);
    const length = end === null ? 0 : Math.sqrt(end[0] * end[0] + end[1] * end[1]);
    const [dx, dy] = end === null || length === 0 ? [0, 0] : [(end[0] / length) * along, (end[1] / length) * along];
    return { ...jittered, x: jittered.x + shiftX + dx, y: jittered.y + shiftY + dy };
  });
}

function jitterKnot(random: RandomStream, { x, y, handleIn, handleOut, smooth }: Knot, looseness: number): Knot {
  const turn = random.around(HANDLE_TURN * looseness);
  const bend = (handle: readonly [number, number]): readonly [number, number] => {
    const stretch = 1 + random.around(HANDLE_STRETCH * looseness);
    const dx = random.around(HANDLE_JITTER * looseness);
    const dy = random.around(HANDLE_JITTER * looseness);
    // A turn by a small angle, to first order: portable, and the second order only lengthens the handle.
    if (smooth) return [(handle[0] - turn * handle[1]) * stretch, (handle[1] + turn * handle[0]) * stretch];
    return [handle[0] + dx, handle[1] + dy];
  };
  return {
    x: x + random.around(KNOT_JITTER * looseness),
    y: y + random.around(KNOT_JITTER * looseness),
    handleIn: bend(handleIn),
    handleOut: bend(handleOut),
    smooth,
  };
}

/** Where a point of the template lies in this hand: proportions first, then lean, then turn, about the digit's middle. */
export function place(
  { slant, width, turn, waist, taper }: Hand,
  centre: number,
  x: number,
  y: number,
): [number, number] {
  const down = y / 50 - 1;
  const movedY = y + 100 * waist * Math.max(0, 1 - down * down) - 50;
  const movedX = (x - centre) * width * (1 - taper * down) - slant * movedY;
  return [movedX - turn * movedY, movedY + turn * movedX];
}
