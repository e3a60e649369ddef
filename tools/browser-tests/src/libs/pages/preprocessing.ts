import { type Picture, type PreparationStep, type Stroke, strokesToDigits, strokesToImage } from '@digits/data';
import { createSimdEngine } from '@digits/engine-simd';
import { createClassifier, type Engine, type Model, type PixelModel } from '@digits/model';
import { createInkDetector, createReader, prepareImage } from '@digits/reader';

/** What is prepared, and the networks that help; both sides are sent the same. */
export interface PreparationArgument {
  readonly model: Model;
  readonly inkModel: PixelModel;
  readonly pictures: readonly Picture[];
  readonly drawings: readonly (readonly Stroke[])[];
}

/** Prepares everything; every image and every step of every preparation, one behind the other. */
export async function prepareEverything(
  engine: Engine,
  { model, inkModel, pictures, drawings }: PreparationArgument,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const add = (image: Uint8Array | null, steps: readonly PreparationStep[]) => {
    if (image !== null) parts.push(image);
    for (const { pixels } of steps) parts.push(pixels);
  };
  const classifier = await createClassifier(model, engine);
  const ink = createInkDetector(await engine.createPredictor(inkModel.architecture, inkModel.weights));
  const reader = createReader(classifier, ink);
  for (const picture of pictures) {
    const { image, steps } = await prepareImage(picture, ink);
    add(image, steps);
    const found = await reader.readImage(picture, { mode: 'multiple' });
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

/** Called in the page. */
export function run(argument: PreparationArgument): Promise<Uint8Array> {
  return prepareEverything(createSimdEngine({ threads: 1 }), argument);
}
