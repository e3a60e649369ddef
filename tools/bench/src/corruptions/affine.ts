import { portableCos, portableSin } from '@digits/data';
import { SIDE, toUnit } from './pixels.ts';
import type { Randomness } from './randomness.ts';

/** Angle of shear and rotation in radians. */
const ANGLE = 0.4;
/** Size of a scaled digit. */
const SCALE = 0.7;
/** Pixels that a digit is moved by on each axis. */
const SHIFT = 3;
/** Middle of an image, which shear, scale and rotation keep in place. */
const MIDDLE = (SIDE - 1) / 2;

/** Where a pixel of the result is read from: (a x + b y + c, d x + e y + f). */
interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** Shears to either side, as scikit-image did up to 0.18: it also stretches columns, by 1 / cos of the angle. */
export function shear(image: Uint8Array, random: Randomness): Float64Array {
  const angle = drawSign(random) * ANGLE;
  return warp(image, aroundMiddle(1, -portableSin(angle), 0, portableCos(angle)));
}

/** Shrinks to 70%. */
export function scale(image: Uint8Array): Float64Array {
  return warp(image, aroundMiddle(1 / SCALE, 0, 0, 1 / SCALE));
}

/** Rotates by 0.4 radians, either way. */
export function rotate(image: Uint8Array, random: Randomness): Float64Array {
  const angle = drawSign(random) * ANGLE;
  const [cos, sin] = [portableCos(angle), portableSin(angle)];
  return warp(image, aroundMiddle(cos, -sin, sin, cos));
}

/** Moves by 3 pixels on each axis, either way. */
export function translate(image: Uint8Array, random: Randomness): Float64Array {
  return warp(image, { a: 1, b: 0, c: SHIFT * drawSign(random), d: 0, e: 1, f: SHIFT * drawSign(random) });
}

function drawSign(random: Randomness): number {
  return random.chance(0.5) ? 1 : -1;
}

function aroundMiddle(a: number, b: number, d: number, e: number): Affine {
  return { a, b, c: MIDDLE * (1 - a - b), d, e, f: MIDDLE * (1 - d - e) };
}

/** Reads every pixel of the result from its place in the image, bilinear, black outside. */
function warp(image: Uint8Array, { a, b, c, d, e, f }: Affine): Float64Array {
  const pixels = toUnit(image);
  const at = (x: number, y: number): number => (x >= 0 && x < SIDE && y >= 0 && y < SIDE ? pixels[y * SIDE + x] : 0);
  return pixels.map((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const [fromX, fromY] = [a * x + b * y + c, d * x + e * y + f];
    const [left, top, right, bottom] = [Math.floor(fromX), Math.floor(fromY), Math.ceil(fromX), Math.ceil(fromY)];
    const [dx, dy] = [fromX - left, fromY - top];
    const above = (1 - dx) * at(left, top) + dx * at(right, top);
    const below = (1 - dx) * at(left, bottom) + dx * at(right, bottom);
    return (1 - dy) * above + dy * below;
  });
}
