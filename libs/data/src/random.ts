import { philox4x32 } from './philox.ts';

/**
 * Why a random number is drawn, training-time distortions aside: theirs, 5 to 8 and on, stand in `DISTORTIONS`. Each
 * purpose has its own stream, so that adding one never shifts another. Values are part of the reproducibility contract:
 * take a number that neither has, never renumber.
 */
export const RandomPurpose = {
  initialWeights: 1,
  split: 2,
  shuffle: 3,
  dropout: 4,
  madeHandwriting: 9,
  negatives: 10,
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
  /** Of {@link RandomPurpose}, or a distortion's; below 256. */
  readonly purpose: number;
  /** Where in the network, for purposes that occur more than once (dropout: the layer's index); else 0. Below 2^24. */
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
