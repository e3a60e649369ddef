import {
  applyStrokeWidth,
  IMAGE_SIZE,
  type LabelledImages,
  openRandomStream,
  RandomPurpose,
  type RandomStream,
  type Stroke,
  type StrokePoint,
  strokesToPixels,
} from '@digits/data';
import { drawPair, drawPiece } from './digit-pieces.ts';
import { drawGlyph, TRAIN_GLYPHS, VALIDATION_GLYPHS } from './glyphs.ts';
import { drawSilhouette, TRAIN_OUTLINE_MAKERS, VALIDATION_OUTLINE_MAKERS } from './silhouettes.ts';
import { type Sketch, TRAIN_DRAWINGS, TRAIN_SCRIBBLES, VALIDATION_DRAWINGS, VALIDATION_SCRIBBLES } from './sketches.ts';
import {
  drawBlank,
  drawSurface,
  TRAIN_NOISES,
  TRAIN_TEXTURES,
  VALIDATION_NOISES,
  VALIDATION_TEXTURES,
} from './surfaces.ts';

/**
 * Everything that is made to be no digit:
 *
 * - `letter`, `symbol`: of fonts; only such as nobody reads as a digit
 * - `scribble`: tangles, loops, zigzags, hatching; `drawing`: arrows, hearts, faces, stars, dashes and the like
 * - `piece`: a part of a digit at the picture's edge or far from its middle; `pair`: two digits in one picture
 * - `noise`, `texture`: all over the picture; `blank`: one brightness, at most four specks
 * - `silhouette`: things filled with light and shade
 */
export const NEGATIVE_KINDS = [
  'letter',
  'symbol',
  'scribble',
  'drawing',
  'piece',
  'pair',
  'noise',
  'texture',
  'blank',
  'silhouette',
] as const;

/** What an image that is no digit shows: a letter, a scribble, a texture and so on. */
export type NegativeKind = (typeof NEGATIVE_KINDS)[number];

/**
 * Which part of what can be made: `validation` has fonts, scribbles, drawings, textures and silhouettes that `train` lacks, so that a
 * threshold chosen on it is chosen on what training never saw.
 */
export type NegativesFold = 'train' | 'validation';

/** How often each kind is made, in parts of all: most where a network errs most. */
const KIND_WEIGHTS: Readonly<Record<NegativeKind, number>> = {
  letter: 42,
  symbol: 5,
  scribble: 8,
  drawing: 10,
  piece: 5,
  pair: 8,
  noise: 3,
  texture: 3,
  blank: 2,
  silhouette: 14,
};

const NUM_PIXELS = IMAGE_SIZE * IMAGE_SIZE;

/** What is made, and from which numbers. */
export interface NegativesOptions {
  /** How many, at least 0. */
  readonly count: number;
  /** A safe integer of at least 0: the same seed gives the same images. */
  readonly seed: number;
  /** Default `train`. */
  readonly fold?: NegativesFold;
  /** Default all of them, letters and silhouettes more often than the others; a list gives each of its kinds alike. */
  readonly kinds?: readonly NegativeKind[];
}

/** Images that are no digits. */
export interface Negatives {
  /** `[count, 28, 28, 1]` uint8, white on black. */
  readonly images: Uint8Array;
  /** `[count]`: what each of them is. */
  readonly kinds: readonly NegativeKind[];
}

/**
 * Makes images that are no digits, framed as digits are, to teach a network what it need not answer. Image i depends on
 * seed, fold, kinds, digits and i alone, in any JavaScript engine.
 *
 * @param digits 28x28 with one channel; pieces and pairs are cut from them
 * @throws RangeError for digits of another size or none, a bad count or seed, or an empty list of kinds
 * @example
 * ```ts
 * const { images, kinds } = generateNegatives(mnist.train, { count: 1000, seed: 42 });
 * ```
 */
export function generateNegatives(digits: LabelledImages, options: NegativesOptions): Negatives {
  const { count, seed, fold = 'train', kinds = weightedKinds() } = options;
  requireDigits('generateNegatives', digits);
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`generateNegatives: count must be a whole number of at least 0, got ${count}`);
  }
  if (kinds.length === 0) throw new RangeError('generateNegatives: kinds must name at least one, got none');
  const images = new Uint8Array(count * NUM_PIXELS);
  const made: NegativeKind[] = [];
  for (let sample = 0; sample < count; sample++) {
    const draws = openRandomStream({ seed, purpose: RandomPurpose.negatives, site: fold === 'train' ? 0 : 1, sample });
    const kind = draws.pick(kinds);
    made.push(kind);
    images.set(drawNegative(kind, fold, digits, draws), sample * NUM_PIXELS);
  }
  return { images, kinds: made };
}

/** How many negatives are added, and from which numbers. */
export interface AddNegativesOptions {
  /** The negatives' share of the result, in [0, 1). */
  readonly share: number;
  readonly seed: number;
  /** Default `train`. */
  readonly fold?: NegativesFold;
}

/**
 * Adds made negatives to a labelled set, as one more class after its own.
 *
 * @param digits 28x28 with one channel
 * @returns the digits as they were, then the negatives with label `digits.numClasses`; a class more than before
 * @throws RangeError for digits of another size or none, or a share or seed out of range
 * @example
 * ```ts
 * addNegatives(train, { share: 0.15, seed: 42 }).numClasses; // 11
 * ```
 */
export function addNegatives(digits: LabelledImages, options: AddNegativesOptions): LabelledImages {
  const { share, ...rest } = options;
  if (!(share >= 0 && share < 1)) throw new RangeError(`addNegatives: share must be in [0, 1), got ${share}`);
  requireDigits('addNegatives', digits);
  const numNegatives = Math.round((digits.count * share) / (1 - share));
  const count = digits.count + numNegatives;
  const images = new Uint8Array(count * NUM_PIXELS);
  images.set(digits.images);
  images.set(generateNegatives(digits, { ...rest, count: numNegatives }).images, digits.images.length);
  const labels = new Uint8Array(count).fill(digits.numClasses);
  labels.set(digits.labels);
  return { ...digits, images, labels, count, numClasses: digits.numClasses + 1 };
}

function requireDigits(caller: string, { count, height, width, channels }: LabelledImages): void {
  if (height !== IMAGE_SIZE || width !== IMAGE_SIZE || channels !== 1) {
    throw new RangeError(
      `${caller}: digits must be ${IMAGE_SIZE}x${IMAGE_SIZE}x1, got ${height}x${width}x${channels}; bring them to that size first`,
    );
  }
  if (count < 1) throw new RangeError(`${caller}: digits must be at least 1, got 0`);
}

function weightedKinds(): readonly NegativeKind[] {
  return NEGATIVE_KINDS.flatMap((kind) => Array.from({ length: KIND_WEIGHTS[kind] }, () => kind));
}

function drawNegative(
  kind: NegativeKind,
  fold: NegativesFold,
  digits: LabelledImages,
  draws: RandomStream,
): Uint8Array {
  const isTrain = fold === 'train';
  const glyphs = isTrain ? TRAIN_GLYPHS : VALIDATION_GLYPHS;
  switch (kind) {
    case 'letter':
      return drawGlyph(draws.pick(glyphs().letters), draws);
    case 'symbol':
      return drawGlyph(draws.pick(glyphs().symbols), draws);
    case 'scribble':
      return drawSketch(draws.pick(isTrain ? TRAIN_SCRIBBLES : VALIDATION_SCRIBBLES), draws);
    case 'drawing':
      return drawSketch(draws.pick(isTrain ? TRAIN_DRAWINGS : VALIDATION_DRAWINGS), draws);
    case 'piece':
      return drawPiece(digits, draws);
    case 'pair':
      return drawPair(digits, draws);
    case 'noise':
      return drawSurface(draws.pick(isTrain ? TRAIN_NOISES : VALIDATION_NOISES)(draws));
    case 'texture':
      return drawSurface(draws.pick(isTrain ? TRAIN_TEXTURES : VALIDATION_TEXTURES)(draws));
    case 'blank':
      return drawBlank(draws);
    case 'silhouette':
      return drawSilhouette(draws.pick(isTrain ? TRAIN_OUTLINE_MAKERS : VALIDATION_OUTLINE_MAKERS), draws);
  }
}

/** Draws a sketch as a hand would: a little crooked, a little stretched, with a finer or bolder pen. */
function drawSketch(sketch: Sketch, draws: RandomStream): Uint8Array {
  const strokes = sketch(draws);
  const [slant, stretch] = [draws.symmetric(0.2), draws.uniform(0.8, 1.25)];
  const tremor = draws.uniform(0, 0.03);
  const shaken = strokes.map((stroke): Stroke =>
    stroke.map(([x, y]): StrokePoint => [
      (x + slant * y) * stretch + draws.symmetric(tremor),
      y + draws.symmetric(tremor),
    ]),
  );
  return applyStrokeWidth(strokesToPixels(shaken), { height: IMAGE_SIZE, width: IMAGE_SIZE }, draws.integer(-100, 180));
}
