import { fillRandomWords, integerFromWord, type RandomKey, uniformFromWord } from '../randomness/random.ts';
import type { ImageSize } from './warp.ts';

/** A black rectangle somewhere inside the picture. */
export interface ErasingSettings {
  /** How often, in [0, 1]. */
  readonly probability: number;
  /** Longest side of the rectangle, in pixels, an integer in [1, 256]; each side is drawn on its own from 1 to that. */
  readonly size: number;
}

/** Part of a picture, in whole pixels. */
export interface ErasedRectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws whether and where to erase. From the key's stream: word 0 decides (erase where its uniform number
 * is below the probability), then by `integerFromWord` word 1 is the height less 1 (below the smaller of `size` and the
 * image's height), word 2 the width less 1 likewise, word 3 the top and word 4 the left edge, over all places inside.
 *
 * @param settings must have passed `validateAugmentation`
 * @returns null when nothing is erased
 * @throws RangeError when a part of the key is out of range
 */
export function erasedRectangle(settings: ErasingSettings, key: RandomKey, size: ImageSize): ErasedRectangle | null {
  const words = new Uint32Array(8);
  fillRandomWords(key, words);
  if (uniformFromWord(words[0]) >= settings.probability) return null;
  const height = 1 + integerFromWord(words[1], Math.min(settings.size, size.height));
  const width = 1 + integerFromWord(words[2], Math.min(settings.size, size.width));
  const top = integerFromWord(words[3], size.height - height + 1);
  const left = integerFromWord(words[4], size.width - width + 1);
  return { left, top, width, height };
}

/**
 * Blackens a rectangle.
 *
 * @param image `[height, width]` uint8
 * @returns a new image of the same size
 * @see Zhong et al., "Random erasing data augmentation", 2020
 */
export function applyErasing(image: Uint8Array, size: ImageSize, rectangle: ErasedRectangle): Uint8Array {
  const erased = new Uint8Array(image);
  for (let y = rectangle.top; y < rectangle.top + rectangle.height; y++) {
    const start = y * size.width + rectangle.left;
    erased.fill(0, start, start + rectangle.width);
  }
  return erased;
}
