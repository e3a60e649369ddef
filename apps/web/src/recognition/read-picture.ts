import { normaliseImages, type Picture, pictureToDigits, pictureToImage } from '@digits/data';
import type { Classifier } from '@digits/model';
import { asksNetwork } from './asks-network.ts';
import type { Reading } from './reading.ts';

/** A picture read both as one digit and as several. */
export interface PictureReading {
  readonly width: number;
  readonly height: number;
  readonly one: Reading;
  readonly several: Reading;
  /** Which of both the picture looks like. */
  readonly looksLike: 'one' | 'several';
}

/** What a digit beside another one is at least: this share of the tallest one's height, and this sure. Less is a speck. */
const LEAST_HEIGHT = 0.6;
const LEAST_CONFIDENCE = 0.8;

/** Reads a picture, of one digit or several. */
export async function readPicture(classifier: Classifier, picture: Picture): Promise<PictureReading> {
  const one = await readOne(classifier, picture);
  const several = await readSeveral(classifier, picture);
  const { width, height } = picture;
  return { width, height, one, several, looksLike: looksLikeSeveral(several) ? 'several' : 'one' };
}

async function readOne(classifier: Classifier, picture: Picture): Promise<Reading> {
  const { image, reason, steps } = pictureToImage(picture);
  if (image === null) return { digits: [], reason, steps };
  const [{ digit, confidence, probabilities }] = await classifier.classify(normaliseImages(image));
  return { digits: [{ digit, confidence, probabilities, place: null, row: 0, image, steps }], reason: null, steps: [] };
}

async function readSeveral(classifier: Classifier, picture: Picture): Promise<Reading> {
  const found = await pictureToDigits(picture, { classify: asksNetwork(classifier) });
  const answers = await classifier.classifyTogether(found.digits.map(({ image }) => normaliseImages(image)));
  const digits = found.digits.map(({ box, row, image, steps }, i) => {
    const { digit, confidence, probabilities } = answers[i];
    return { digit, confidence, probabilities, place: box, row, image, steps: [...found.steps, ...steps] };
  });
  return { digits, reason: found.reason, steps: found.steps };
}

/** Whether there are two digits at least that are no specks, and most of what was found is such. */
function looksLikeSeveral({ digits }: Reading): boolean {
  const tallest = Math.max(...digits.map(({ place }) => place?.height ?? 0));
  const sure = digits.filter(
    ({ place, digit, confidence }) =>
      place !== null && place.height >= LEAST_HEIGHT * tallest && digit !== null && confidence >= LEAST_CONFIDENCE,
  );
  return sure.length >= 2 && sure.length > digits.length / 2;
}
