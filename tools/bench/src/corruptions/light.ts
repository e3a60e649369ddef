import { SIDE, toUnit } from './pixels.ts';

/** How much brighter every pixel becomes. */
const BRIGHTENING = 0.5;
/** Width of the inverted stripe on either side. */
const STRIPE = 7;

/** Adds the same brightness to every pixel. */
export function brightness(image: Uint8Array): Float64Array {
  return toUnit(image).map((value) => Math.min(1, value + BRIGHTENING));
}

/** Inverts the left and the right quarter. */
export function stripe(image: Uint8Array): Float64Array {
  return toUnit(image).map((value, i) => {
    const x = i % SIDE;
    return x < STRIPE || x >= SIDE - STRIPE ? 1 - value : value;
  });
}
