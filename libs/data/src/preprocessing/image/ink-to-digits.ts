import { boxAround } from '../geometry.ts';
import {
  type Candidate,
  type DigitsOptions,
  type FoundDigit,
  type FoundDigits,
  leaveOutWords,
  readRows,
} from '../segmentation/segmentation.ts';
import { findParts, type PicturePart } from './digit-parts.ts';
import { type Ink, labelInk, labelInkBothWays } from './ink.ts';
import type { InkPlanes } from './ink-planes.ts';
import { isolateDigit, showAmongOthers } from './ink-to-digit.ts';
import { planeStep } from './plane.ts';

/**
 * Finds the digits in the ink of a picture, in reading order, and prepares each as {@link inkToDigit} does.
 *
 * Every way to put the pieces of ink together, to cut shapes that are wide enough for two digits and to leave out marks is put to
 * the classifier. The most probable reading, by its answers and by the digits' widths and gaps, is chosen. The ink is read twice if there
 * are printed lines: without them, and with them, since straight strokes look like lines.
 *
 * @returns digits with their boxes in pixels of the picture
 */
export async function inkToDigits(planes: InkPlanes, options: DigitsOptions = {}): Promise<FoundDigits> {
  const steps = [planeStep('ink', { ...planes, values: planes.ink }, 255)];
  const readings = options.classify === undefined ? [labelInk(planes)] : labelInkBothWays(planes);
  if (readings.every((ink) => ink === null)) return { digits: [], reason: 'blank', steps };
  let best: FoundDigit[] = [];
  for (const ink of readings) {
    const digits = await readInk(planes, ink, options);
    if (numProbable(digits) > numProbable(best) || best.length === 0) best = digits;
  }
  return { digits: best, reason: best.length > 0 ? null : 'notADigit', steps };
}

/** Expected number of digits that are right, less those that are wrong. */
function numProbable(digits: readonly FoundDigit[]): number {
  return digits.reduce((sum, { probabilities }) => {
    const most = probabilities?.reduce((a, b) => Math.max(a, b), 0) ?? 0;
    return sum + 2 * most - 1;
  }, 0);
}

async function readInk(planes: InkPlanes, ink: Ink | null, options: DigitsOptions): Promise<FoundDigit[]> {
  if (ink === null) return [];
  const rows = findParts(ink);
  const prepare = (parts: readonly PicturePart[]): Candidate => {
    const labels = parts.flatMap((part) => part.labels);
    const box = boxAround(parts);
    const cut = parts[0].cut ?? parts[parts.length - 1].cut;
    const isWhole = cut === null || cut.every((label) => labels.includes(label));
    return isWhole || options.classifyTouching === undefined
      ? isolateDigit(planes, ink, labels, box)
      : showAmongOthers(planes, ink, labels, box, cut);
  };
  return leaveOutWords(await readRows('inkToDigits', rows, prepare, { ...options, canSkip: true }));
}
