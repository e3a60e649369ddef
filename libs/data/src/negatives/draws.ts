import { integerFromWord, symmetricFromWord, uniformFromWord } from '../random-draws.ts';
import { fillRandomWords, type RandomKey } from '../random.ts';

/** Random numbers one after the other from one stream: the same key gives the same ones in the same order. */
export interface Draws {
  /** In [low, high). */
  uniform(low: number, high: number): number;
  /** In [-range, range). */
  symmetric(range: number): number;
  /** A whole number in [low, high]. */
  integer(low: number, high: number): number;
  /** True with that probability. */
  chance(probability: number): boolean;
  /** One of the choices, which must be at least one. */
  pick<T>(choices: readonly T[]): T;
}

/** A multiple of four words, so that no block is drawn twice. */
const BUFFERED_WORDS = 64;

/**
 * Opens the stream of `key` at its first block; each draw takes one word.
 *
 * @throws RangeError when a part of the key is out of range
 */
export function createDraws(key: RandomKey): Draws {
  const words = new Uint32Array(BUFFERED_WORDS);
  let block = 0;
  let used = 0;
  fillRandomWords(key, words);
  const next = (): number => {
    if (used === BUFFERED_WORDS) {
      block += BUFFERED_WORDS / 4;
      used = 0;
      fillRandomWords({ ...key, block }, words);
    }
    return words[used++];
  };
  return {
    uniform: (low, high) => low + (high - low) * uniformFromWord(next()),
    symmetric: (range) => symmetricFromWord(next(), range),
    integer: (low, high) => low + integerFromWord(next(), high - low + 1),
    chance: (probability) => uniformFromWord(next()) < probability,
    pick: (choices) => choices[integerFromWord(next(), choices.length)],
  };
}
