import { openRandomStream } from '../handwriting/random-stream.ts';
import { integerFromWord, symmetricFromWord, uniformFromWord } from '../random-draws.ts';
import type { RandomKey } from '../random.ts';

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

/**
 * Opens the stream of `key` at its first block; each draw takes one word.
 *
 * @throws RangeError when a part of the key is out of range
 */
export function createDraws(key: Omit<RandomKey, 'block'>): Draws {
  const stream = openRandomStream(key);
  const word = (): number => stream.word();
  return {
    chance: (probability) => stream.chance(probability),
    uniform: (low, high) => low + (high - low) * uniformFromWord(word()),
    symmetric: (range) => symmetricFromWord(word(), range),
    integer: (low, high) => low + integerFromWord(word(), high - low + 1),
    pick: (choices) => choices[integerFromWord(word(), choices.length)],
  };
}
