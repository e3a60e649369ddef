import { multiplyHigh } from './philox.ts';
import { portableCos, portableLog, portableSin } from './portable-math.ts';
import { fillRandomWords, type RandomKey, RandomPurpose } from './random.ts';

/**
 * Turns a random word into a uniform number, exact in float32 too.
 *
 * @param word uint32
 * @returns floor(word / 2^8) / 2^24, in [0, 1)
 */
export function uniformFromWord(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/**
 * Turns a random word into a uniform number either side of 0.
 *
 * @param word uint32
 * @param range largest absolute value
 * @returns range * (2u - 1) in [-range, range), where u is {@link uniformFromWord}; 2u - 1 is exact, the product rounds once
 */
export function symmetricFromWord(word: number, range: number): number {
  return range * (uniformFromWord(word) * 2 - 1);
}

/**
 * Turns a random word into an integer below `n`: the high word of `word * n`. Each result is within 1 / 2^32 of
 * probability 1 / n (for the 60,000 images of MNIST, 0.0014% off relatively); drawing again, which would make it exact,
 * would shift the stream.
 *
 * @param word uint32
 * @param n uint32, at least 1
 * @returns floor(word * n / 2^32), in [0, n)
 */
export function integerFromWord(word: number, n: number): number {
  return multiplyHigh(word, n);
}

/**
 * Draws uniform numbers from the stream of `key`, one a word.
 *
 * @param low smallest value
 * @param high bound that is not reached (but for rounding to float32)
 * @returns `[count]` float32, low + (high - low) * u
 * @throws RangeError when a part of the key is out of range
 */
export function randomUniforms(key: RandomKey, count: number, low = 0, high = 1): Float32Array {
  const words = new Uint32Array(count);
  fillRandomWords(key, words);
  return Float32Array.from(words, (word) => low + (high - low) * uniformFromWord(word));
}

/**
 * Draws standard normal numbers from the stream of `key` by the Box-Muller transform: the words (a, b) at 2i and 2i + 1
 * give r cos(t) and r sin(t) with r = sqrt(-2 log((a + 1) / 2^32)) and t = 2 pi b / 2^32, in double precision.
 *
 * @returns `[count]` float32, mean 0 and variance 1, never beyond 6.67
 * @throws RangeError when a part of the key is out of range
 * @see Box and Muller, "A note on the generation of random normal deviates", 1958
 */
export function randomNormals(key: RandomKey, count: number): Float32Array {
  const words = new Uint32Array(2 * Math.ceil(count / 2));
  fillRandomWords(key, words);
  const normals = new Float32Array(words.length);
  for (let i = 0; i < words.length; i += 2) {
    const radius = Math.sqrt(-2 * portableLog((words[i] + 1) * 2 ** -32));
    const angle = 2 * Math.PI * (words[i + 1] * 2 ** -32);
    normals[i] = radius * portableCos(angle);
    normals[i + 1] = radius * portableSin(angle);
  }
  return normals.slice(0, count);
}

/**
 * Shuffles the indices of a training set for one epoch (Fisher-Yates, from the last place to the first; place i takes
 * word i of the stream of purpose `shuffle`).
 *
 * @param count at most 2^32 - 1
 * @param epoch counted from 0
 * @returns `[count]` a permutation of 0 to count - 1
 * @throws RangeError when seed or epoch is out of range
 */
export function shuffledIndices(count: number, seed: number, epoch: number): Uint32Array {
  return shuffledWithKey(count, { seed, epoch, purpose: RandomPurpose.shuffle });
}

/** As {@link shuffledIndices}, from any stream. */
export function shuffledWithKey(count: number, key: RandomKey): Uint32Array {
  const words = new Uint32Array(count);
  fillRandomWords(key, words);
  const indices = Uint32Array.from(words.keys());
  for (let i = count - 1; i > 0; i--) {
    const j = integerFromWord(words[i], i + 1);
    const taken = indices[j];
    indices[j] = indices[i];
    indices[i] = taken;
  }
  return indices;
}
