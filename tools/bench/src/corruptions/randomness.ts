import { openRandomStream, randomNormals, type RandomStream } from '@digits/data';

/** Random numbers of one corrupted image. */
export interface Randomness extends Pick<RandomStream, 'uniform' | 'integer' | 'chance'> {
  /** Draws numbers of the standard normal distribution. They are a stream of their own: draw once per image. */
  normals(count: number): Float32Array;
}

/** Keys the random numbers of corruptions. Another seed would give other images than docs/results.md reports on. */
const SEED = 1;
/** Purposes of random numbers that neither `RandomPurpose` nor `DISTORTIONS` of `@digits/data` uses. */
const PURPOSE = { stream: 200, normals: 201 };

/**
 * Opens the random numbers of an image.
 *
 * @param corruption its index among all corruptions
 * @param sample index of the image
 */
export function openRandomness(corruption: number, sample: number): Randomness {
  const key = { seed: SEED, site: corruption, sample };
  const stream = openRandomStream({ ...key, purpose: PURPOSE.stream });
  return {
    uniform: (low, high) => stream.uniform(low, high),
    integer: (low, high) => stream.integer(low, high),
    chance: (probability) => stream.chance(probability),
    normals: (count) => randomNormals({ ...key, purpose: PURPOSE.normals }, count),
  };
}
