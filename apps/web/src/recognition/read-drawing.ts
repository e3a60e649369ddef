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
  const digits = found.digits.map(({ box, row, image, steps }, i) => {
    const { digit, confidence, probabilities } = answers[i];
    return { digit, confidence, probabilities, place: box, row, image, steps };
  });
  return { digits, reason: found.reason, steps: [] };
}
