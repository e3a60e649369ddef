import {
  type Box,
  type ClassifyImages,
  type GridSize,
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
import { asOne, type PictureDigits, prepareDigit, readPicture } from './read-picture.ts';
import { rankClasses, type ReadDigit, type Reading, type ReadingMode } from './reading.ts';

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
  /** Whether to compute which pixels support each answer. Costs about 100 more inferences per digit. Default false. */
  readonly explain?: boolean;
  /** Reads one digit from each cell of a printed grid, such as a sudoku, instead of `mode`. Images only. */
  readonly grid?: GridSize;
}

/** Reads digits in images and drawings with one classifier. */
export interface Reader {
  /**
   * Reads a decoded image. `auto` reads several digits and keeps that reading if at least two of them are confident; otherwise it
   * reads the image as a single digit.
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
 * @example
 * ```ts
 * const { text } = await createReader(classifier, ink).readDrawing({ strokes: [[[0, 0], [0, 100]]] }); // '1'
 * ```
 */
export function createReader(classifier: Classifier, ink: InkSource): Reader {
  const detector = onceLoaded(ink);
  return {
    async readImage(image, { mode = 'auto', explain: withEvidence = false, grid } = {}) {
      const classify = classifyWith(classifier);
      const found =
        grid === undefined
          ? await readPicture(image, await detector(), classify, mode)
          : await readGrid(image, await detector(), classify, grid);
      return explained(classifier, await answer(classifier, found), withEvidence);
    },

    async readDrawing(drawing, { mode, explain: withEvidence = false } = {}) {
      return explained(classifier, await readDrawing(classifier, drawing, mode), withEvidence);
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

/** Returns a function that loads the detector at its first call. */
function onceLoaded(ink: InkSource): () => Promise<InkDetector> {
  if (typeof ink !== 'function') return () => Promise.resolve(ink);
  let loading: Promise<InkDetector> | null = null;
  return () => {
    loading ??= ink().catch((error: unknown) => {
      loading = null;
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
  return answer(classifier, { ...found, mode: readAs, notice: null, orientation: 0 });
}

function classifyWith(classifier: Classifier): ClassifyImages {
  return (images) => classifier.jointProbabilities(normaliseImages(images));
}

async function answer(classifier: Classifier, found: PictureDigits): Promise<Reading> {
  const { classNames } = classifier.model.metadata;
  const answers = await classifier.classifyTogether(found.digits.map(({ image }) => normaliseImages(image)));
  const rows = new Map<number, string>();
  const digits = found.digits.map(({ box, row, image, steps }, i) => {
    const digit = readDigit(answers[i], classNames, { box, row, image, steps });
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

interface DigitPlace {
  readonly box: Box;
  readonly row: number;
  readonly image: Uint8Array;
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
async function explained(classifier: Classifier, reading: Reading, withEvidence: boolean): Promise<Reading> {
  if (!withEvidence) return reading;
  const digits: ReadDigit[] = [];
  for (const digit of reading.digits) {
    digits.push({ ...digit, explanation: await explain(classifier, normaliseImages(digit.image)) });
  }
  return { ...reading, digits };
}
