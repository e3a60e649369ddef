import { boxAround } from '../geometry.ts';
import {
  areApart,
  type Candidate,
  classifyAll,
  type DigitsOptions,
  type FoundDigit,
  type FoundDigits,
  isSurelyWhole,
  leaveOutWords,
  readRows,
} from '../segmentation/segmentation.ts';
import { cutShapes, findShapes, isWide, type PicturePart, type ShapeRow } from './digit-parts.ts';
import { type Ink, labelInkBothWays } from './ink.ts';
import type { InkPlanes } from './ink-planes.ts';
import { isolateDigit, isolateOnce, showAmongOthers } from './ink-to-digit.ts';
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
  const ways = labelInkBothWays(planes);
  const readings = options.classify === undefined ? ways.slice(0, 1) : ways;
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
  const shapeRows = findShapes(ink);
  const whole = await findWholeDigits(planes, ink, shapeRows, options);
  const { ink: cutInk, rows } = cutShapes(ink, shapeRows, ({ labels }) => whole.has(labels));
  const prepare = (parts: readonly PicturePart[]): Candidate => {
    const known = parts.length === 1 ? whole.get(parts[0].labels) : undefined;
    if (known !== undefined) return known;
    const labels = parts.flatMap((part) => part.labels);
    const box = boxAround(parts);
    const cut = parts[0].cut ?? parts[parts.length - 1].cut;
    const isWhole = cut === null || cut.every((label) => labels.includes(label));
    return isWhole || options.classifyTouching === undefined
      ? isolateDigit(planes, cutInk, labels, box)
      : showAmongOthers(planes, cutInk, labels, box, cut);
  };
  return leaveOutWords(await readRows('inkToDigits', rows, prepare, { ...options, canSkip: true }));
}

/**
 * Finds the wide shapes that need no cuts, because the classifier is so sure of the whole shape that no cut could be chosen. Skips shapes
 * that are near others, because one of their pieces could belong to a neighbour.
 *
 * @returns the whole shape's candidate by the shape's labels
 */
async function findWholeDigits(
  planes: InkPlanes,
  ink: Ink,
  rows: readonly ShapeRow[],
  { classify }: DigitsOptions,
): Promise<ReadonlyMap<readonly number[], Candidate>> {
  if (classify === undefined) return new Map();
  const lone = rows.flatMap(({ shapes, height }) =>
    shapes
      .filter((shape) => isWide(shape, height))
      .filter((shape) => shapes.every((other) => other === shape || areApart(shape, other, height)))
      .map((shape) => ({ shape, height, candidate: isolateOnce(planes, ink, shape.labels, boxAround([shape])) })),
  );
  const images = lone.map(({ candidate }) => candidate.image);
  const answers = await classifyAll('inkToDigits', images, classify);
  return new Map(
    lone.flatMap(({ shape, height, candidate }, i) =>
      isSurelyWhole(shape, height, answers[i]) ? [[shape.labels, candidate] as const] : [],
    ),
  );
}
