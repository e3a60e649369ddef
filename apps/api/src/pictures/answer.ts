import {
  type Box,
  type NoImageReason,
  normaliseImages,
  type Picture,
  pictureToDigits,
  pictureToImage,
  type Stroke,
  strokesToDigits,
  strokesToImage,
} from '@digits/data';
import { type Classification, type Classifier, explain } from '@digits/model';
import { type ExplanationAnswer, showExplanation } from './explanation.ts';

/** What is asked about a picture or a drawing. */
export interface ReadingOptions {
  /** Whether there may be several digits. */
  readonly multiple: boolean;
  /** Whether to say which pixels argued for the answer. */
  readonly explain: boolean;
}

/** Strokes as a client drew them. */
export interface Drawing {
  readonly strokes: readonly Stroke[];
  /** In the strokes' unit; 0 where unknown. */
  readonly penWidth: number;
}

/** What is answered for one image of a digit. */
export interface DigitAnswer {
  /** Null where it is no digit. */
  readonly digit: number | null;
  /** The second most probable digit, null where there was nothing to classify. */
  readonly runnerUp: number | null;
  /** Calibrated probability of the most probable digit, rejected or not. */
  readonly confidence: number;
  readonly probabilities: readonly number[];
  readonly rejected: boolean;
  /** Why it was rejected: by the network (`notADigit`), or because there was no image to show it. */
  readonly reason: NoImageReason | 'notADigit' | null;
  readonly explanation?: ExplanationAnswer;
}

/** One of several digits, and where it stands in the picture or the drawing. */
export interface DigitInPlace extends DigitAnswer {
  readonly box: Box;
}

/** What is answered for a picture of several digits. */
export interface DigitsAnswer {
  /** Rows joined by a blank, `?` for what is no digit. */
  readonly text: string;
  /** In the order of reading. */
  readonly digits: readonly DigitInPlace[];
  /** Why there are none, or null. */
  readonly reason: NoImageReason | null;
}

/** Reads a decoded picture. */
export async function answerPicture(
  classifier: Classifier,
  picture: Picture,
  options: ReadingOptions,
): Promise<DigitAnswer | DigitsAnswer> {
  if (!options.multiple) {
    const { image, reason } = pictureToImage(picture);
    return image === null ? unseen(classifier, reason) : (await answerImages(classifier, [image], options))[0];
  }
  const found = await pictureToDigits(picture, { classify: probabilitiesBy(classifier) });
  return answerSeveral(classifier, found.digits, found.reason, options);
}

/** Reads a drawing. */
export async function answerDrawing(
  classifier: Classifier,
  { strokes, penWidth }: Drawing,
  options: ReadingOptions,
): Promise<DigitAnswer | DigitsAnswer> {
  if (!options.multiple) {
    const { image, reason } = strokesToImage(strokes, { penWidth });
    return image === null ? unseen(classifier, reason) : (await answerImages(classifier, [image], options))[0];
  }
  const found = await strokesToDigits(strokes, { penWidth, classify: probabilitiesBy(classifier) });
  return answerSeveral(classifier, found.digits, found.reason, options);
}

function probabilitiesBy(classifier: Classifier): (images: Uint8Array) => Promise<Float64Array> {
  return (images) => classifier.jointProbabilities(normaliseImages(images));
}

interface Found {
  readonly box: Box;
  readonly row: number;
  readonly image: Uint8Array;
}

async function answerSeveral(
  classifier: Classifier,
  found: readonly Found[],
  reason: NoImageReason | null,
  options: ReadingOptions,
): Promise<DigitsAnswer> {
  const images = found.map(({ image }) => image);
  const answers = await answerImages(classifier, images, options);
  const digits = answers.map((answer, i): DigitInPlace => ({ box: found[i].box, ...answer }));
  const rows = new Map<number, string>();
  digits.forEach(({ digit }, i) => {
    const { row } = found[i];
    rows.set(row, `${rows.get(row) ?? ''}${digit ?? '?'}`);
  });
  return { text: [...rows.values()].join(' '), digits, reason };
}

async function answerImages(
  classifier: Classifier,
  images: readonly Uint8Array[],
  options: ReadingOptions,
): Promise<DigitAnswer[]> {
  const classifications = await classifier.classifyTogether(images.map((image) => normaliseImages(image)));
  const answers = classifications.map(answerOf);
  if (!options.explain) return answers;
  const explained: DigitAnswer[] = [];
  for (const [i, answer] of answers.entries()) {
    const explanation = await showExplanation(await explain(classifier, normaliseImages(images[i])), images[i]);
    explained.push({ ...answer, explanation });
  }
  return explained;
}

function answerOf({ digit, confidence, probabilities, rejected }: Classification): DigitAnswer {
  const [, runnerUp] = probabilities.map((_, label) => label).sort((a, b) => probabilities[b] - probabilities[a]);
  return { digit, runnerUp, confidence, probabilities, rejected, reason: rejected ? 'notADigit' : null };
}

/** Where there is no image, all digits are as likely. */
function unseen(classifier: Classifier, reason: NoImageReason): DigitAnswer {
  const { length } = classifier.model.metadata.classNames;
  const probabilities = Array.from({ length }, () => 1 / length);
  return { digit: null, runnerUp: null, confidence: 1 / length, probabilities, rejected: true, reason };
}
