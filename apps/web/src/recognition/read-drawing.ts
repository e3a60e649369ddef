import { normaliseImages, type Stroke, strokesToDigits } from '@digits/data';
import type { Classifier } from '@digits/model';
import { classifyFound } from './classify-found.ts';
import type { Reading } from './reading.ts';

/**
 * Reads the digits of a drawing.
 *
 * @param strokes points in any unit, y down
 * @param penWidth in that unit
 */
export async function readDrawing(
  classifier: Classifier,
  strokes: readonly Stroke[],
  penWidth: number,
): Promise<Reading> {
  const { digits, reason } = await strokesToDigits(strokes, {
    penWidth,
    classify: async (images) => Float32Array.from(await classifier.probabilities(normaliseImages(images))),
  });
  const found = digits.map(({ box: { left, top, right, bottom }, row, image, steps }) => ({
    place: { x: left, y: top, width: right - left, height: bottom - top },
    row,
    image,
    steps,
  }));
  return { digits: await classifyFound(classifier, found), reason, steps: [] };
}
