import { symmetricFromWord, uniformFromWord } from '../random-draws.ts';
import { fillRandomWords, type RandomKey } from '../random.ts';
import type { Range } from './variant.ts';

/** Numbers of one stream, drawn one after the other. */
export interface RandomStream {
  /** @returns a word, uniform over uint32 */
  word(): number;
  /** @returns uniform in [low, high) */
  between(range: Range): number;
  /** @returns in (-range, range), the middle likelier: the mean of two uniform numbers, so that extremes are bounded and rare */
  around(range: number): number;
  /** @returns true with this probability */
  chance(probability: number): boolean;
}

/** Words fetched at once: a drawing takes about a hundred. */
const CHUNK = 64;

/** Opens the stream of `key` at its first block. */
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
  return {
    word,
    between: ([low, high]) => low + (high - low) * uniformFromWord(word()),
    around: (range) => (symmetricFromWord(word(), range) + symmetricFromWord(word(), range)) / 2,
    chance: (probability) => uniformFromWord(word()) < probability,
  };
}
