import {
  type Box,
  type ClassifyImages,
  type FoundDigits,
  normaliseImages,
  type Picture,
  pictureToDigits,
  pictureToImage,
  type PreparationStep,
  type PreparedImage,
  type Stroke,
  strokesToDigits,
  strokesToImage,
} from '@digits/data';
import { type Classification, type Classifier, explain } from '@digits/model';
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
}

/** Reads digits in images and drawings with one classifier. */
export interface Reader {
  /**
   * Reads a decoded image. `auto` reads several digits and keeps that reading if at least two of them are confident; otherwise it
   * reads the image as a single digit.
   *
   * @param image `[height, width, channels]` uint8: grey, RGB or RGBA, up to 50 megapixels, any light and either polarity
   * @throws RangeError if size, channels and data do not match
   */
  readImage(image: Picture, options?: ReadingOptions): Promise<Reading>;
  /**
   * Reads a drawing. `auto` splits it into digits by the strokes' positions and the classifier's answers.
   *
   * @throws RangeError if a point is not finite or `penWidth` is negative
   */
  readDrawing(drawing: Drawing, options?: ReadingOptions): Promise<Reading>;
}

/** A digit in an image of several counts towards `auto` if it has at least this share of the tallest one's height. */
const MIN_RELATIVE_HEIGHT = 0.6;

/** A digit in an image of several counts towards `auto` if it is at least this confident. */
const MIN_CONFIDENCE = 0.8;

/**
 * Creates a reader: the only place that decides how an image or a drawing becomes an answer.
 *
 * @param classifier a classifier of 28x28 images; the caller disposes of it
 * @example
 * ```ts
 * const { text } = await createReader(classifier).readDrawing({ strokes: [[[0, 0], [0, 100]]] }); // '1'
 * ```
 */
export function createReader(classifier: Classifier): Reader {
  return {
    async readImage(image, { mode = 'auto', explain: withEvidence = false } = {}) {
      if (mode !== 'single') {
        const several = await answer(
          classifier,
          await pictureToDigits(image, { classify: classifyWith(classifier) }),
          'multiple',
        );
        if (mode === 'multiple' || looksLikeSeveral(several)) return explained(classifier, several, withEvidence);
      }
      return explained(classifier, await answer(classifier, asOne(pictureToImage(image)), 'single'), withEvidence);
    },

    async readDrawing(drawing, { mode, explain: withEvidence = false } = {}) {
      return explained(classifier, await readDrawing(classifier, drawing, mode), withEvidence);
    },
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
  return answer(classifier, found, readAs);
}

function classifyWith(classifier: Classifier): ClassifyImages {
  return (images) => classifier.jointProbabilities(normaliseImages(images));
}

/** Returns an image prepared as one digit in the form of several. */
function asOne(prepared: PreparedImage): FoundDigits {
  const { image, box, reason, steps } = prepared;
  return { digits: image === null ? [] : [{ box, row: 0, image, probabilities: null, steps: [] }], reason, steps };
}

async function answer(classifier: Classifier, found: FoundDigits, mode: Reading['mode']): Promise<Reading> {
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
    mode,
    text: [...rows.values()].join(' '),
    digits,
    reason: isRejected ? 'notADigit' : found.reason,
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

/** Returns whether at least two digits are confident and tall enough, and most of what was found is. */
function looksLikeSeveral({ digits }: Reading): boolean {
  const tallest = digits.reduce((height, { box }) => Math.max(height, box.height), 0);
  const certain = digits.filter(
    ({ box, rejected, confidence }) =>
      box.height >= MIN_RELATIVE_HEIGHT * tallest && !rejected && confidence >= MIN_CONFIDENCE,
  );
  return certain.length >= 2 && certain.length > digits.length / 2;
}
