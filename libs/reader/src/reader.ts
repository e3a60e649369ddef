import {
  type Box,
  type ClassifyImages,
  type FoundDigit,
  type GridSize,
  IMAGE_SIZE,
  normaliseImages,
  type Picture,
  type PreparationStep,
  type PreparedImage,
  type Stroke,
  strokesToDigits,
  strokesToImage,
} from '@digits/data';
import { type Classification, type Classifier, explain } from '@digits/model';
import type { InkDetector, InkSource } from './ink-detector.ts';
import { readGrid } from './read-grid.ts';
import { asOne, prepareDigit, readPicture, readResized } from './read-picture.ts';
import { type PictureDigits, rankClasses, type ReadDigit, type Reading, type ReadingMode } from './reading.ts';

/** A drawing as recorded from a pen, a finger or a mouse. */
export interface Drawing {
  /** Points in any unit, y down. */
  readonly strokes: readonly Stroke[];
  /** Width of the pen in that unit: a mark smaller than that is a dot. Default 0. */
  readonly penWidth?: number;
}

/** How an input is read. */
export interface ReadingOptions {
  /** How many digits to look for. Default `auto`. */
  readonly mode?: ReadingMode;
  /**
   * Whether to compute which pixels support each answer, or for how many digits, in reading order. Costs about 100 more inferences per
   * digit. Default false.
   */
  readonly explain?: boolean | number;
  /** Reads one digit from each cell of a printed grid, such as a sudoku, instead of `mode`. Images only. */
  readonly grid?: GridSize;
}

/** Reads digits in images and drawings with one classifier. */
export interface Reader {
  /**
   * Reads a decoded image. `auto` reads several digits and keeps that reading if at least two of them are confident; otherwise it
   * reads the image as a single digit. A model that was trained on resized images gets the image resized as it is, as a single digit,
   * unless several are asked for.
   *
   * @param image `[height, width, channels]` uint8: grey, RGB or RGBA, up to 50 megapixels, any light and either polarity
   * @throws RangeError if size, channels and data do not match, or a grid has no or too many cells
   */
  readImage(image: Picture, options?: ReadingOptions): Promise<Reading>;
  /**
   * Reads a drawing. `auto` splits it into digits by the strokes' positions and the classifier's answers.
   *
   * @throws RangeError if a point is not finite or `penWidth` is negative
   */
  readDrawing(drawing: Drawing, options?: ReadingOptions): Promise<Reading>;
}

/**
 * Creates a reader: the only place that decides how an image or a drawing becomes an answer.
 *
 * @param classifier a classifier of 28x28 images; the caller disposes of it
 * @param ink finds ink in images; a function is called when the first image is read, and again only if it failed. Drawings need none
 * @param touching a classifier of digits among others that touch them, or a function that is called when the first such digit is read; the
 * caller disposes of it. Without it, or if the classes of `classifier` are not the digits 0 to 9, digits that touch are cut apart
 * @example
 * ```ts
 * const { text } = await createReader(classifier, ink).readDrawing({ strokes: [[[0, 0], [0, 100]]] }); // '1'
 * ```
 */
export function createReader(classifier: Classifier, ink: InkSource, touching: ClassifierSource | null = null): Reader {
  const detector = onceLoaded(ink);
  const classifiers = {
    alone: classifier,
    touching: readsDigits(classifier) && touching ? onceLoaded(touching) : null,
  };
  return {
    async readImage(image, { mode = 'auto', explain: withEvidence = false, grid } = {}) {
      if (isTrainedOnResized(classifier) && mode !== 'multiple' && grid === undefined) {
        const resized = readResized(image, classifier.model.architecture.inputShape[0]);
        return explained(classifiers, await answer(classifiers, resized), withEvidence);
      }
      const options = {
        classify: rememberAnswers(classifyWith(classifier)),
        ...(classifiers.touching && { classifyTouching: classifyWhenLoaded(classifiers.touching) }),
      };
      const found =
        grid === undefined
          ? await readPicture(image, await detector(), options, mode)
          : await readGrid(image, await detector(), options.classify, grid);
      return explained(classifiers, await answer(classifiers, found), withEvidence);
    },

    async readDrawing(drawing, { mode, explain: withEvidence = false } = {}) {
      return explained(
        { alone: classifier, touching: null },
        await readDrawing(classifier, drawing, mode),
        withEvidence,
      );
    },
  };
}

/**
 * Prepares a picture of one digit as {@link Reader.readImage} does: finds the ink in any light, colours and polarity, and
 * brings it to 28x28. A picture that is MNIST-like already (28x28, opaque, grey) is returned unchanged.
 *
 * @param image `[height, width, channels]` uint8: grey, RGB or RGBA, up to 50 megapixels
 * @param classifier if given, decides which pieces of ink belong to the digit; otherwise their sizes and places decide
 * @returns `image`, `[28, 28]` uint8, white on black; or null and the reason
 * @throws RangeError if size, channels and data do not match
 */
export async function prepareImage(image: Picture, ink: InkDetector, classifier?: Classifier): Promise<PreparedImage> {
  return prepareDigit(image, ink, classifier && classifyWith(classifier));
}

/** A classifier of the digits 0 to 9, or a function that loads it. */
export type ClassifierSource = Classifier | (() => Promise<Classifier>);

/** The classifiers of a reader. */
interface Classifiers {
  /** For images that show one digit alone. */
  readonly alone: Classifier;
  /** Loads the one for images that show a digit among others; null if there is none. */
  readonly touching: (() => Promise<Classifier>) | null;
}

/** Returns whether the classes are the digits 0 to 9, in this order. */
function readsDigits({ model }: Classifier): boolean {
  return model.metadata.classNames.join() === '0,1,2,3,4,5,6,7,8,9';
}

/** Returns whether the model was trained on resized images, in which case pictures must be resized too. */
function isTrainedOnResized({ model }: Classifier): boolean {
  return model.metadata.preprocessing === 'resize';
}

/** Returns a function that loads something at its first call, and again only if that failed. */
function onceLoaded<Loaded extends object>(source: Loaded | (() => Promise<Loaded>)): () => Promise<Loaded> {
  if (typeof source !== 'function') return () => Promise.resolve(source);
  const load = source;
  let loading: Promise<Loaded> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

/**
 * Reads a drawing, without explanations: {@link Reader.readDrawing} for pages that load no code for images and explanations.
 *
 * @throws RangeError if a point is not finite or `penWidth` is negative
 */
export async function readDrawing(
  classifier: Classifier,
  { strokes, penWidth = 0 }: Drawing,
  mode: ReadingMode = 'auto',
): Promise<Reading> {
  const found =
    mode === 'single'
      ? asOne(strokesToImage(strokes, { penWidth }))
      : await strokesToDigits(strokes, { penWidth, classify: classifyWith(classifier) });
  const readAs = mode === 'auto' ? (found.digits.length > 1 ? 'multiple' : 'single') : mode;
  return answer({ alone: classifier, touching: null }, { ...found, mode: readAs, notice: null, orientation: 0 });
}

function classifyWhenLoaded(load: () => Promise<Classifier>): ClassifyImages {
  return async (images) => classifyWith(await load())(images);
}

function classifyWith(classifier: Classifier): ClassifyImages {
  return (images) => classifier.jointProbabilities(normaliseImages(images));
}

/** Classifies each image once: a picture's ink is read in several ways, which share most of their images. */
function rememberAnswers(classify: ClassifyImages): ClassifyImages {
  const answers = new Map<string, ArrayLike<number>>();
  // Decodes each byte value to a different character.
  const decoder = new TextDecoder('latin1');
  return async (images) => {
    const size = IMAGE_SIZE * IMAGE_SIZE;
    const all = Array.from({ length: images.length / size }, (_, i) => images.subarray(i * size, (i + 1) * size));
    const keys = all.map((image) => decoder.decode(image));
    const unknown = [...new Map(keys.map((key, i) => [key, all[i]]))].filter(([key]) => !answers.has(key));
    if (unknown.length > 0) {
      const asked = new Uint8Array(unknown.length * size);
      unknown.forEach(([, image], i) => {
        asked.set(image, i * size);
      });
      const answer = Float32Array.from(await classify(asked));
      const numClasses = answer.length / unknown.length;
      unknown.forEach(([key], i) => answers.set(key, answer.subarray(i * numClasses, (i + 1) * numClasses)));
    }
    return keys.flatMap((key) => Array.from(answers.get(key) ?? []));
  };
}

async function answer(classifiers: Classifiers, found: PictureDigits): Promise<Reading> {
  const { classNames } = classifiers.alone.model.metadata;
  const answers = await classifyDigits(classifiers, found.digits);
  const rows = new Map<number, string>();
  const digits = found.digits.map(({ box, row, image, isTouching, steps }, i) => {
    const digit = readDigit(answers[i], classNames, { box, row, image, isTouching, steps });
    rows.set(row, (rows.get(row) ?? '') + (digit.className ?? '?'));
    return digit;
  });
  const isRejected = digits.length > 0 && digits.every(({ rejected }) => rejected);
  return {
    mode: found.mode,
    text: [...rows.values()].join(' '),
    digits,
    reason: isRejected ? 'notADigit' : found.reason,
    notice: found.notice,
    orientation: found.orientation,
    table: found.cells?.map((row) => row.map((i) => (i === null ? null : (digits[i].className ?? '?')))) ?? null,
    classNames,
    steps: found.steps,
  };
}

/** Classifies each digit with the classifier that knows such images; those of one classifier together. */
async function classifyDigits(
  { alone, touching }: Classifiers,
  digits: readonly FoundDigit[],
): Promise<Classification[]> {
  const imagesOf = (isTouching: boolean): Float32Array[] =>
    digits.filter((digit) => digit.isTouching === isTouching).map(({ image }) => normaliseImages(image));
  const answers = await alone.classifyTogether(imagesOf(false));
  const touchingImages = imagesOf(true);
  const touchingAnswers =
    touching !== null && touchingImages.length > 0 ? await (await touching()).classifyTogether(touchingImages) : [];
  let [next, nextTouching] = [0, 0];
  return digits.map(({ isTouching }) => (isTouching ? touchingAnswers[nextTouching++] : answers[next++]));
}

interface DigitPlace {
  readonly box: Box;
  readonly row: number;
  readonly image: Uint8Array;
  readonly isTouching: boolean;
  readonly steps: readonly PreparationStep[];
}

function readDigit(
  { digit, confidence, probabilities, rejected }: Classification,
  classNames: readonly string[],
  place: DigitPlace,
): ReadDigit {
  const className = digit === null ? null : classNames[digit];
  const [, runnerUp] = rankClasses(probabilities);
  return { digit, className, runnerUp, confidence, probabilities, rejected, ...place, explanation: null };
}

/** Digits are explained one after the other: each takes a whole batch of inferences. */
async function explained(
  { alone, touching }: Classifiers,
  reading: Reading,
  withEvidence: boolean | number,
): Promise<Reading> {
  const numExplained = typeof withEvidence === 'number' ? withEvidence : withEvidence ? reading.digits.length : 0;
  const digits: ReadDigit[] = [];
  for (const [i, digit] of reading.digits.entries()) {
    if (i >= numExplained) {
      digits.push(digit);
      continue;
    }
    const classifier = digit.isTouching && touching !== null ? await touching() : alone;
    digits.push({ ...digit, explanation: await explain(classifier, normaliseImages(digit.image)) });
  }
  return { ...reading, digits };
}
