/**
 * The 15 corruptions of MNIST-C, with the parameters of the published benchmark (each function's default severity). Random
 * numbers are this project's own, so images differ from the published files in their noise, never in its distribution.
 *
 * Written anew after `corruptions.py` of https://github.com/google-research/mnist-c, Copyright 2018 Google LLC, licensed under
 * the Apache License, Version 2.0 (https://www.apache.org/licenses/LICENSE-2.0).
 *
 * @see Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019, https://arxiv.org/abs/1906.02337
 */
import { rotate, scale, shear, translate } from './affine.ts';
import { glassBlur, motionBlur } from './blur.ts';
import { cannyEdges } from './canny-edges.ts';
import { brightness, stripe } from './light.ts';
import { dottedLine, zigzag } from './lines.ts';
import { impulseNoise, shotNoise } from './noise.ts';
import { NUM_PIXELS, toBytes } from './pixels.ts';
import { openRandomness, type Randomness } from './randomness.ts';
import { fog, spatter } from './weather.ts';

/** Names of the corruptions in the benchmark's order. */
export const CORRUPTIONS = [
  'shot_noise',
  'impulse_noise',
  'glass_blur',
  'motion_blur',
  'shear',
  'scale',
  'rotate',
  'brightness',
  'translate',
  'stripe',
  'fog',
  'spatter',
  'dotted_line',
  'zigzag',
  'canny_edges',
] as const;

/** Name of a corruption. */
export type Corruption = (typeof CORRUPTIONS)[number];

/** Returns `[28, 28]` float64, where [0, 1] is what can be displayed. */
type Corrupt = (image: Uint8Array, random: Randomness) => Float64Array;

const CORRUPT: Readonly<Record<Corruption, Corrupt>> = {
  shot_noise: shotNoise,
  impulse_noise: impulseNoise,
  glass_blur: glassBlur,
  motion_blur: motionBlur,
  shear,
  scale,
  rotate,
  brightness,
  translate,
  stripe,
  fog,
  spatter,
  dotted_line: dottedLine,
  zigzag,
  canny_edges: cannyEdges,
};

/**
 * Corrupts an image.
 *
 * @param image `[28, 28]` uint8, white on black
 * @param sample index of the image: the same image and index give the same result
 * @param random random numbers; by default those of this corruption and sample
 * @returns a new `[28, 28]` uint8
 * @throws RangeError if the image does not have 784 pixels
 */
export function corruptImage(
  image: Uint8Array,
  corruption: Corruption,
  sample: number,
  random: Randomness = openRandomness(CORRUPTIONS.indexOf(corruption), sample),
): Uint8Array {
  if (image.length !== NUM_PIXELS) {
    throw new RangeError(
      `corruptImage: image must have ${NUM_PIXELS} pixels, got ${image.length}; crop or pad it to 28x28`,
    );
  }
  return toBytes(CORRUPT[corruption](image, random));
}
