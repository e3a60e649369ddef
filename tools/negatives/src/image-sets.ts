import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LabelledImages } from '@digits/data';
import { generateNegatives, NEGATIVE_KINDS, NEGATIVE_LETTERS } from '@digits/synthesis';
import { loadSplit } from '@digits/data/node';

/** Images that are no digits, of one kind. */
export interface ImageSet {
  readonly name: string;
  /** `[n, 28, 28, 1]` uint8. */
  readonly images: Uint8Array;
}

/** Letters that are labelled. */
export interface LetterSet extends ImageSet {
  /** `[n]`: index into `NEGATIVE_LETTERS`. */
  readonly labels: Uint8Array;
}

/** Keys what is made for measuring; any number but those that networks are trained with. */
const MEASURING_SEED = 7;

const NUM_PIXELS = 28 * 28;

/**
 * Makes negatives from fonts, drawings and textures that no network is trained on, one set a kind.
 *
 * @param digits what pieces and pairs are cut from
 */
export function makeHeldOutSets(digits: LabelledImages, numEach: number): ImageSet[] {
  return NEGATIVE_KINDS.map((kind) => {
    const options = { count: numEach, seed: MEASURING_SEED, fold: 'validation', kinds: [kind] } as const;
    return { name: kind, images: generateNegatives(digits, options).images };
  });
}

/** Loads the letters of the fonts kept for testing, 28x28 as the picture path gives them. */
export async function loadTestLetters(): Promise<LetterSet> {
  const folder = fileURLToPath(new URL('../letters', import.meta.url));
  const { images, labels } = await loadSplit(folder, 'test', { numClasses: NEGATIVE_LETTERS.length });
  return { name: 'letters of test fonts', images, labels };
}

/**
 * Loads the test images of Fashion-MNIST, which nothing is ever fitted to.
 *
 * @returns null where the folder does not hold them
 */
export async function loadFashion(folder: string): Promise<ImageSet | null> {
  const names = ['t10k-images-idx3-ubyte', 't10k-images-idx3-ubyte.gz'];
  if (!names.some((name) => existsSync(join(folder, name)))) return null;
  return { name: 'Fashion-MNIST test', images: (await loadSplit(folder, 'test')).images };
}

/** Makes one image of each brightness. */
export function makeBlanks(): ImageSet {
  const images = Uint8Array.from({ length: 256 * NUM_PIXELS }, (_, i) => Math.floor(i / NUM_PIXELS));
  return { name: 'blank, each brightness', images };
}
