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
  if (image !== null) {
    const [classification] = await classifier.classify(normaliseImages(image));
    return { ...classification, reason: null };
  }
  const { length: numClasses } = classifier.model.metadata.classNames;
  const probabilities = Array.from({ length: numClasses }, () => 1 / numClasses);
  return { digit: null, confidence: 1 / numClasses, probabilities, rejected: true, reason };
}

/** Reads one digit from a decoded picture. */
export async function readDigit(
  classifier: Classifier,
  picture: Picture,
): Promise<{ answer: PictureAnswer; steps: readonly PreparationStep[] }> {
  const prepared = pictureToImage(picture);
  return { answer: await answerImage(classifier, prepared), steps: prepared.steps };
}

/** Reads several digits from a decoded picture. */
export async function readDigits(
  classifier: Classifier,
  picture: Picture,
): Promise<{ reading: PictureReading; steps: readonly PreparationStep[] }> {
  const found = await pictureToDigits(picture, {
    classify: async (images) => Float32Array.from(await classifier.probabilities(normaliseImages(images))),
  });
  const images = new Uint8Array(found.digits.reduce((sum, { image }) => sum + image.length, 0));
  found.digits.forEach(({ image }, i) => {
    images.set(image, i * image.length);
  });
  const answers = await classifier.classify(normaliseImages(images));
  const rows = new Map<number, string>();
  const digits = found.digits.map(({ box, row }, i): DigitInPicture => {
    const { digit, confidence } = answers[i];
    rows.set(row, (rows.get(row) ?? '') + (digit === null ? '?' : String(digit)));
    return { box, digit, confidence };
  });
  const steps = [
    ...found.steps,
    ...found.digits.flatMap((digit, i) =>
      digit.steps.map((step) => ({ ...step, name: `digit-${i + 1}-${step.name}` })),
    ),
  ];
  return { reading: { digits, text: [...rows.values()].join(' ') }, steps };
}
