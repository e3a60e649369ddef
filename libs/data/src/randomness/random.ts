import { portableCos, portableLog, portableSin } from '../portable-math.ts';
import { multiplyHigh, philox4x32 } from './philox.ts';

/**
 * Why a random number is drawn, training-time distortions aside: theirs, 5 to 8 and on, are in `DISTORTIONS`. Each
 * purpose has its own stream, so that adding one never shifts another. Values are part of the reproducibility contract:
 * take a number that neither has, never renumber.
 */
export const RandomPurpose = {
  initialWeights: 1,
  split: 2,
  shuffle: 3,
  dropout: 4,
  handwriting: 9,
  negatives: 10,
  pages: 11,
  neighbours: 12,
  sweeps: 13,
} as const;

/**
 * Names one block of four random uint32: a function of these numbers alone, never of the order of drawing.
 *
 * Philox' key is `(seed mod 2^32, floor(seed / 2^32))`, its counter `(block, sample, epoch, purpose + 256 * site)`.
 * Every other implementation of this project's random numbers (the WebAssembly kernels) repeats this mapping exactly.
 */
export interface RandomKey {
  /** A safe integer of at least 0. */
  readonly seed: number;
  /** A value of {@link RandomPurpose}, or the purpose of a distortion; below 256. */
  readonly purpose: number;
  /** Position in the network, for purposes that occur more than once (dropout: the layer's index); else 0. Below 2^24. */
  readonly site?: number;
  /** Below 2^32. */
  readonly epoch?: number;
  /** Index of the sample in the training set, below 2^32. */
  readonly sample?: number;
  /** Which block of the stream, below 2^32. */
  readonly block?: number;
}

const WORDS_PER_BLOCK = 4;
const MAX_PURPOSE = 255;
const MAX_SITE = 2 ** 24 - 1;
const MAX_UINT32 = 2 ** 32 - 1;

/**
 * Draws one block of random numbers.
 *
 * @returns four uint32, each uniform over its whole range
 * @throws RangeError when a part of the key is out of range
 * @example
 * ```ts
 * randomBlock({ seed: 1, purpose: RandomPurpose.shuffle }); // the same four words, always and everywhere
 * ```
 */
export function randomBlock(key: RandomKey): Uint32Array {
  const block = new Uint32Array(WORDS_PER_BLOCK);
  fillRandomWords(key, block);
  return block;
}

/**
 * Fills an array from the stream of `key`, beginning at its block: word i of the result is word `i % 4` of block
 * `key.block + floor(i / 4)`. For hot loops: it allocates nothing for lengths that are multiples of four.
 *
 * @param out uint32 of any length; overwritten
 * @throws RangeError when a part of the key is out of range, or the stream ends (block 2^32 - 1) before `out` is full
 */
export function fillRandomWords(key: RandomKey, out: Uint32Array): void {
  const { seed, purpose, site = 0, epoch = 0, sample = 0, block = 0 } = key;
  requireSafeSeed(seed);
  requireInteger('purpose', purpose, MAX_PURPOSE);
  requireInteger('site', site, MAX_SITE);
  requireInteger('epoch', epoch, MAX_UINT32);
  requireInteger('sample', sample, MAX_UINT32);
  const numWhole = Math.floor(out.length / WORDS_PER_BLOCK);
  const numBlocks = Math.ceil(out.length / WORDS_PER_BLOCK);
  requireInteger('block', block, MAX_UINT32 - Math.max(0, numBlocks - 1));

  const seedHigh = Math.floor(seed / 2 ** 32);
  const stream = purpose + 256 * site;
  for (let i = 0; i < numWhole; i++) {
    philox4x32(block + i, sample, epoch, stream, seed, seedHigh, out, i * WORDS_PER_BLOCK);
  }
  if (numBlocks > numWhole) {
    const last = new Uint32Array(WORDS_PER_BLOCK);
    philox4x32(block + numWhole, sample, epoch, stream, seed, seedHigh, last);
    out.set(last.subarray(0, out.length - numWhole * WORDS_PER_BLOCK), numWhole * WORDS_PER_BLOCK);
  }
}

function requireSafeSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`fillRandomWords: seed must be an integer in [0, ${Number.MAX_SAFE_INTEGER}], got ${seed}`);
  }
}

function requireInteger(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`fillRandomWords: ${name} must be an integer in [0, ${max}], got ${value}`);
  }
}

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

/** Shuffles like {@link shuffledIndices}, from any stream. */
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
