import { boxAround } from '../geometry.ts';
import {
  type Candidate,
  type DigitsOptions,
  type FoundDigits,
  leaveOutWords,
  readRows,
} from '../segmentation/segmentation.ts';
import { findParts, type PicturePart } from './digit-parts.ts';
import { labelInk } from './ink.ts';
import type { InkPlanes } from './ink-planes.ts';
import { isolateDigit } from './ink-to-digit.ts';
import { planeStep } from './plane.ts';

/**
 * Finds the digits in the ink of a picture, in reading order, and prepares each as {@link inkToDigit} does.
 *
 * Every way to put the pieces of ink together, to cut shapes that are wide enough for two digits and to leave out marks is put to
 * the classifier. The most probable reading, by its answers and by the digits' widths and gaps, is chosen.
 *
 * @returns digits with their boxes in pixels of the picture
 */
export async function inkToDigits(planes: InkPlanes, options: DigitsOptions = {}): Promise<FoundDigits> {
  const steps = [planeStep('ink', { ...planes, values: planes.ink }, 255)];
  const ink = labelInk(planes);
  if (ink === null) return { digits: [], reason: 'blank', steps };
  const rows = findParts(ink);
  const prepare = (parts: readonly PicturePart[]): Candidate =>
    isolateDigit(
      planes,
      ink,
      parts.flatMap(({ labels }) => labels),
      boxAround(parts),
    );
  const digits = leaveOutWords(await readRows('inkToDigits', rows, prepare, { ...options, canSkip: true }));
  return { digits, reason: digits.length > 0 ? null : 'notADigit', steps };
}
