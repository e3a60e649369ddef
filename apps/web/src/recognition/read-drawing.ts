import { type Stroke, strokesToDigits } from '@digits/data';
import type { Classifier } from '@digits/model';
import type { Reading } from './reading.ts';
import { rememberAnswers } from './remembered-answers.ts';

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
  const { classify, answerTo } = rememberAnswers(classifier);
  const found = await strokesToDigits(strokes, { penWidth, classify });
  const digits = found.digits.map(({ box: { left, top, right, bottom }, row, image, steps }) => {
    const { digit, confidence, probabilities } = answerTo(image);
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    return { digit, confidence, probabilities, place, row, image, steps };
  });
  return { digits, reason: found.reason, steps: [] };
}
