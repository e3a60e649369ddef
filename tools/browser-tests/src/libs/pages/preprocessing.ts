import {
  type Picture,
  pictureToDigits,
  pictureToImage,
  type Stroke,
  strokesToDigits,
  strokesToImage,
} from '@digits/data';

/** What is prepared, as both sides are sent it. */
export interface PreparationArgument {
  readonly pictures: readonly Picture[];
  readonly drawings: readonly (readonly Stroke[])[];
}

/** Prepares everything; every image and every step of every preparation, one behind the other. */
export async function run({ pictures, drawings }: PreparationArgument): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const add = (image: Uint8Array | null, steps: readonly { pixels: Uint8Array }[]) => {
    if (image !== null) parts.push(image);
    for (const { pixels } of steps) parts.push(pixels);
  };
  for (const picture of pictures) {
    const { image, steps } = pictureToImage(picture);
    add(image, steps);
    const found = await pictureToDigits(picture);
    add(null, found.steps);
    for (const digit of found.digits) add(digit.image, digit.steps);
  }
  for (const strokes of drawings) {
    const { image, steps } = strokesToImage(strokes);
    add(image, steps);
    for (const digit of (await strokesToDigits(strokes)).digits) add(digit.image, digit.steps);
  }
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}
