import { normaliseImages, type Stroke, strokesToDigits } from '@digits/data';
import type { Classifier } from '@digits/model';
import { asksNetwork } from './asks-network.ts';
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
  const found = await strokesToDigits(strokes, { penWidth, classify: asksNetwork(classifier) });
  const answers = await classifier.classifyTogether(found.digits.map(({ image }) => normaliseImages(image)));
  const digits = found.digits.map(({ box: { left, top, right, bottom }, row, image, steps }, i) => {
    const { digit, confidence, probabilities } = answers[i];
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    return { digit, confidence, probabilities, place, row, image, steps };
  });
  return { digits, reason: found.reason, steps: [] };
}
