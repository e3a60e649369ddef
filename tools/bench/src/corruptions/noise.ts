import { portableExp } from '@digits/data';
import { NUM_PIXELS, toUnit } from './pixels.ts';
import type { Randomness } from './randomness.ts';

/** Photons that a white pixel counts on average. */
const PHOTONS = 3;
/** Share of the pixels that impulse noise replaces. */
const IMPULSES = 0.17;

/** Probability of no photon, for each value of a pixel. */
const NO_PHOTON = Float64Array.from({ length: 256 }, (_, value) => portableExp(-photons(value)));

/** Counts photons: a Poisson number per pixel, which takes one uniform number. */
export function shotNoise(image: Uint8Array, random: Randomness): Float64Array {
  return Float64Array.from(image, (value) => Math.min(1, drawPhotons(value, random.uniform(0, 1)) / PHOTONS));
}

/** Salt and pepper: replaces some pixels by white or black, each as likely. */
export function impulseNoise(image: Uint8Array, random: Randomness): Float64Array {
  const pixels = toUnit(image);
  for (let i = 0; i < NUM_PIXELS; i++) {
    const isReplaced = random.chance(IMPULSES);
    const isSalt = random.chance(0.5);
    if (isReplaced) pixels[i] = isSalt ? 1 : 0;
  }
  return pixels;
}

function photons(value: number): number {
  return (value / 255) * PHOTONS;
}

/** Inverts the Poisson distribution: the lowest count whose cumulative probability is at least `u`. */
function drawPhotons(value: number, u: number): number {
  let count = 0;
  let probability = NO_PHOTON[value];
  let cumulative = probability;
  while (cumulative < u) {
    count++;
    probability *= photons(value) / count;
    cumulative += probability;
  }
  return count;
}
