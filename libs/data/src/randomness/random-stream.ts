import { fillRandomWords, integerFromWord, type RandomKey, symmetricFromWord, uniformFromWord } from './random.ts';

/** Random numbers drawn one after the other from one stream: the same key gives the same numbers in the same order. */
export interface RandomStream {
  /** Draws a word, uniform over uint32. */
  word(): number;
  /** Draws a number uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Draws a number uniform in [-range, range). */
  symmetric(range: number): number;
  /** Draws the mean of two numbers uniform in [-range, range), so extremes are bounded and rare. Takes two words. */
  around(range: number): number;
  /** Draws an integer in [low, high]. */
  integer(low: number, high: number): number;
  /** Returns true with this probability. */
  chance(probability: number): boolean;
  /** Picks one of the choices, of which there must be at least one. */
  pick<T>(choices: readonly T[]): T;
}

/** Words fetched at once: a drawing takes about a hundred. */
const CHUNK = 64;

/**
 * Opens the stream of `key` at its first block. Each draw takes one word unless it says otherwise.
 *
 * @throws RangeError when a part of the key is out of range
 */
export function openRandomStream(key: Omit<RandomKey, 'block'>): RandomStream {
  const words = new Uint32Array(CHUNK);
  let block = 0;
  let used = CHUNK;
  const word = (): number => {
    if (used === CHUNK) {
      fillRandomWords({ ...key, block }, words);
      block += CHUNK / 4;
      used = 0;
    }
    return words[used++];
  };
  const symmetric = (range: number): number => symmetricFromWord(word(), range);
  return {
    word,
    uniform: (low, high) => low + (high - low) * uniformFromWord(word()),
    symmetric,
    around: (range) => (symmetric(range) + symmetric(range)) / 2,
    integer: (low, high) => low + integerFromWord(word(), high - low + 1),
    chance: (probability) => uniformFromWord(word()) < probability,
    pick: (choices) => choices[integerFromWord(word(), choices.length)],
  };
}
