import {
  fitDigit,
  IMAGE_SIZE,
  type LabelledImages,
  openRandomStream,
  RandomPurpose,
  type RandomStream,
  type Stroke,
  strokesToPixels,
  uniformFromWord,
} from '@digits/data';
import { drawInk, drawWithOwnPen } from './paper.ts';
import { generateStrokes, HandwritingSite, type StrokesOptions } from './strokes.ts';
import type { HandwritingVariant } from './templates/variant.ts';
import { selectVariants, type VariantSelection } from './variants.ts';

/** How many pictures among the drawings, unless told: a scan or a photograph is as usual as a drawing on a screen. */
const PICTURE_SHARE = 0.3;

const NUM_CLASSES = 10;

/** What to make. */
export interface HandwritingOptions extends StrokesOptions {
  readonly count: number;
  readonly seed: number;
  readonly variants: VariantSelection;
  /** Share in [0, 1] that is drawn on paper and prepared as a picture is; the others as drawings. 0.3 when left out. */
  readonly pictureShare?: number;
  /** Share in [0, 1] of the drawings that get a pen of their own, as scanned digits have; 0 when left out. */
  readonly penShare?: number;
}

/** Made digits, and which variant each one is. */
export interface SyntheticHandwriting extends LabelledImages {
  /** Names of the variants that were chosen from. */
  readonly variants: readonly string[];
  /** `[count]`: index into `variants` of each image. */
  readonly variantIndices: Uint16Array;
}

/**
 * Makes images of handwritten digits from templates of the ways in which people write them, MNIST's missing ones too: upstroke ones, crossed
 * sevens, slashed zeros, hooked nines. Digits take turns, image i the (i mod n)-th of the n digits chosen; a digit's variants come as often as
 * their weights say. Image i is a function of the options but `count` and of i alone: a larger count continues the set.
 *
 * @returns `[count, 28, 28, 1]` white on black, prepared as a visitor's drawings and pictures are
 * @throws RangeError when an option is out of range or a variant unknown
 * @example
 * ```ts
 * const made = generateHandwriting({ count: 12_000, seed: 1, variants: 'training' });
 * ```
 */
export function generateHandwriting(options: HandwritingOptions): SyntheticHandwriting {
  const { count, seed, variants, strength = 1, pictureShare = PICTURE_SHARE, penShare = 0 } = options;
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`generateHandwriting: count must be an integer of at least 0, got ${count}`);
  }
  if (!(pictureShare >= 0 && pictureShare <= 1)) {
    throw new RangeError(`generateHandwriting: pictureShare must be in [0, 1], got ${pictureShare}`);
  }
  if (!(penShare >= 0 && penShare <= 1)) {
    throw new RangeError(`generateHandwriting: penShare must be in [0, 1], got ${penShare}`);
  }
  const chosen = selectVariants(variants);
  const groups = groupByDigit(chosen);
  const images = new Uint8Array(count * IMAGE_SIZE * IMAGE_SIZE);
  const labels = new Uint8Array(count);
  const variantIndices = new Uint16Array(count);
  for (let sample = 0; sample < count; sample++) {
    const key = { seed, purpose: RandomPurpose.handwriting, sample };
    const choice = openRandomStream({ ...key, site: HandwritingSite.choice });
    const index = pickByWeight(chosen, groups[sample % groups.length], uniformFromWord(choice.word()));
    const strokes = generateStrokes(chosen[index], seed, sample, { strength });
    const isPicture = choice.chance(pictureShare);
    const hasOwnPen = choice.chance(penShare);
    const random = openRandomStream({ ...key, site: HandwritingSite.picture });
    const image = isPicture
      ? imageOfPicture(random, strokes)
      : hasOwnPen
        ? drawWithOwnPen(random, strokes)
        : strokesToPixels(strokes);
    images.set(image, sample * IMAGE_SIZE * IMAGE_SIZE);
    labels[sample] = chosen[index].digit;
    variantIndices[sample] = index;
  }
  return {
    images,
    labels,
    count,
    height: IMAGE_SIZE,
    width: IMAGE_SIZE,
    channels: 1,
    numClasses: NUM_CLASSES,
    variants: chosen.map(({ name }) => name),
    variantIndices,
  };
}

/** Indices into `variants`, grouped by digit, lower digits first. */
function groupByDigit(variants: readonly HandwritingVariant[]): number[][] {
  const groups = Array.from({ length: NUM_CLASSES }, (): number[] => []);
  variants.forEach(({ digit }, i) => groups[digit].push(i));
  return groups.filter((group) => group.length > 0);
}

function pickByWeight(variants: readonly HandwritingVariant[], group: readonly number[], uniform: number): number {
  let rest = uniform * group.reduce((sum, i) => sum + variants[i].weight, 0);
  return group.find((i) => (rest -= variants[i].weight) < 0) ?? group[group.length - 1];
}

function imageOfPicture(random: RandomStream, strokes: readonly Stroke[]): Uint8Array {
  return fitDigit(drawInk(random, strokes)).image ?? strokesToPixels(strokes);
}

/**
 * Puts one labelled set behind another.
 *
 * @returns a new set: all of `a`, then all of `b`, so that indices into `a` keep their meaning
 * @throws RangeError when image sizes or numbers of classes differ
 */
export function concatImages(a: LabelledImages, b: LabelledImages): LabelledImages {
  const shape = (set: LabelledImages): string =>
    `${set.height}x${set.width}x${set.channels} in ${set.numClasses} classes`;
  if (shape(a) !== shape(b)) {
    throw new RangeError(`concatImages: both sets must have the same shape, got ${shape(a)} and ${shape(b)}`);
  }
  const images = new Uint8Array(a.images.length + b.images.length);
  images.set(a.images);
  images.set(b.images, a.images.length);
  const labels = new Uint8Array(a.count + b.count);
  labels.set(a.labels);
  labels.set(b.labels, a.count);
  return {
    images,
    labels,
    count: a.count + b.count,
    height: a.height,
    width: a.width,
    channels: a.channels,
    numClasses: a.numClasses,
  };
}

/**
 * Adds synthetic digits of the training variants to a training set.
 *
 * @param train `[n, 28, 28, 1]` in 10 classes; add after validation images were split off, so that those stay what they were
 * @returns a new set: `train`, then the synthetic digits
 * @throws RangeError when an option is out of range or `train` has another shape
 */
export function addHandwriting(train: LabelledImages, options: Omit<HandwritingOptions, 'variants'>): LabelledImages {
  return concatImages(train, generateHandwriting({ ...options, variants: 'training' }));
}
