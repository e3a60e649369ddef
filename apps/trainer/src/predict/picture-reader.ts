import {
  type Box,
  normaliseImages,
  pictureToDigits,
  pictureToImage,
  type PreparationStep,
  type PreparedImage,
  type Picture,
} from '@digits/data';
import type { Classification, Classifier } from '@digits/model';

/** What is answered for one picture of one digit. */
export interface PictureAnswer extends Classification {
  /** Name of the class `digit`, which differs from it where a model has other classes than digits; null where rejected. */
  readonly className: string | null;
  /** Why there was nothing to classify, or null. */
  readonly reason: string | null;
}

export interface DigitInPicture {
  readonly box: Box;
  readonly digit: number | null;
  readonly confidence: number;
}

/** What is answered for one picture of several digits. */
export interface PictureReading {
  readonly digits: readonly DigitInPicture[];
  /** Rows joined by a blank, `?` for a rejected digit. */
  readonly text: string;
}

/** Answers one prepared image; where there is none, nothing is known of the digit and it is rejected. */
export async function answerImage(classifier: Classifier, { image, reason }: PreparedImage): Promise<PictureAnswer> {
  const { classNames } = classifier.model.metadata;
  if (image !== null) {
    const [classification] = await classifier.classify(normaliseImages(image));
    const { digit } = classification;
    return { ...classification, className: digit === null ? null : classNames[digit], reason: null };
  }
  const { length: numClasses } = classNames;
  const probabilities = Array.from({ length: numClasses }, () => 1 / numClasses);
  return { digit: null, className: null, confidence: 1 / numClasses, probabilities, rejected: true, reason };
}

/** Reads one digit from a decoded picture; `image` is what the network saw, null where there was nothing to see. */
export async function readDigit(
  classifier: Classifier,
  picture: Picture,
): Promise<{ answer: PictureAnswer; steps: readonly PreparationStep[]; image: Float32Array | null }> {
  const prepared = pictureToImage(picture);
  const { image, steps } = prepared;
  return { answer: await answerImage(classifier, prepared), steps, image: image && normaliseImages(image) };
}

/** Reads several digits from a decoded picture; `images` are what the network saw. */
export async function readDigits(
  classifier: Classifier,
  picture: Picture,
): Promise<{ reading: PictureReading; steps: readonly PreparationStep[]; images: readonly Float32Array[] }> {
  const { classNames } = classifier.model.metadata;
  const found = await pictureToDigits(picture, {
    classify: (images) => classifier.jointProbabilities(normaliseImages(images)),
  });
  const images = found.digits.map(({ image }) => normaliseImages(image));
  const answers = await classifier.classifyTogether(images);
  const rows = new Map<number, string>();
  const digits = found.digits.map(({ box, row }, i): DigitInPicture => {
    const { digit, confidence } = answers[i];
    rows.set(row, (rows.get(row) ?? '') + (digit === null ? '?' : classNames[digit]));
    return { box, digit, confidence };
  });
  const steps = [
    ...found.steps,
    ...found.digits.flatMap((digit, i) =>
      digit.steps.map((step) => ({ ...step, name: `digit-${i + 1}-${step.name}` })),
    ),
  ];
  return { reading: { digits, text: [...rows.values()].join(' ') }, steps, images };
}
