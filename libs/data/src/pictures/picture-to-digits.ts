import { boundsAround } from '../segmentation/bounds.ts';
import { readRows, type Candidate, type DigitsOptions, type FoundDigits, type Row } from '../segmentation/read-rows.ts';
import { measureContrast } from './contrast.ts';
import { inkToImage } from './digit-image.ts';
import { findParts, type PicturePart } from './digit-parts.ts';
import { mixChannels } from './grey.ts';
import { findInk, type Ink } from './ink.ts';
import { inkOf } from './ink-selection.ts';
import {
  checkPicture,
  MIN_PICTURE_SIDE,
  type Box,
  type NoImageReason,
  type Picture,
  type PreparationStep,
} from './picture.ts';
import { closer } from './picture-to-image.ts';
import { maskStep, planeStep } from './plane.ts';
import { reducePicture } from './reduce.ts';
import { isPattern } from './writing.ts';

/** Pixels that a picture of several digits is worked on at: a page of 30 rows leaves 30 pixels for each. */
const WORKING_PIXELS = 1_000_000;

/** Digits found smaller than this, in working pixels, are looked at again closer where the original has more detail. */
const COARSE_DIGIT = 40;

/** The widest stroke as a share of the picture's shorter side: at least one row must fit, its digits side by side. */
const STROKE_SHARE = 0.3;

/** Writing has fewer pieces than this that are this low, in working pixels; noise and patterns have more. */
const TEXTURE = { numComponents: 300, height: 6 };

/**
 * Finds the digits in a picture of one or several, as they are read, and prepares each as {@link pictureToImage} does.
 *
 * Every way to put the pieces of ink together, and to cut shapes that are wide enough for two digits, is put to the
 * classifier; the reading that is likeliest by its answers and by the digits' widths and gaps is chosen.
 *
 * @param picture grey, RGB or RGBA, up to 50 megapixels
 * @returns digits whose boxes are in the picture's own pixels
 * @throws RangeError where size, channels and data do not fit together
 */
export async function pictureToDigits(picture: Picture, options: DigitsOptions = {}): Promise<FoundDigits<Box>> {
  checkPicture('pictureToDigits', picture);
  const found = findWriting(picture, { x: 0, y: 0, width: picture.width, height: picture.height });
  if (found.writing === null) return { digits: [], reason: found.reason, steps: found.steps };
  const { writing } = found;
  const prepare = (parts: readonly PicturePart[]): Candidate<Box> => prepareParts(writing, parts);
  const digits = await readRows('pictureToDigits', writing.rows, prepare, options.classify);
  return { digits, reason: digits.length > 0 ? null : 'blank', steps: found.steps };
}

/** Rows of parts in the ink of a region of the picture, and how that lies in the picture. */
interface Writing {
  readonly ink: Ink;
  readonly rows: readonly Row<PicturePart>[];
  readonly region: Box;
  readonly factor: number;
}

type Search =
  | { readonly writing: Writing; readonly steps: readonly PreparationStep[] }
  | { readonly writing: null; readonly reason: NoImageReason; readonly steps: readonly PreparationStep[] };

function findWriting(picture: Picture, region: Box): Search {
  if (Math.min(region.width, region.height) < MIN_PICTURE_SIDE) return { writing: null, reason: 'tooSmall', steps: [] };
  const reduced = reducePicture(picture, region, WORKING_PIXELS);
  if (!reduced.visible) return { writing: null, reason: 'blank', steps: [] };
  const grey = mixChannels(reduced);
  const steps = [planeStep('grey', grey, 1)];
  const contrast = measureContrast(grey, STROKE_SHARE);
  steps.push(planeStep('contrast', contrast.plane, 255));
  const ink = findInk(contrast);
  if (ink === null) return { writing: null, reason: 'blank', steps };
  steps.push(maskStep('ink', ink.width, ink.height, ink.found));
  const lows = ink.components.filter(({ top, bottom }) => bottom - top < TEXTURE.height);
  if (lows.length > TEXTURE.numComponents || isPattern(ink)) return { writing: null, reason: 'notWriting', steps };
  const rows = findParts(ink);
  const parts = rows.flatMap((row) => row.parts);
  if (parts.length === 0) return { writing: null, reason: 'notWriting', steps };
  const { left, top, right, bottom } = boundsAround(parts);
  const nearer = closer(region, { x: left, y: top, width: right - left, height: bottom - top }, reduced.factor);
  const isCoarse = reduced.factor > 1 && Math.min(...rows.map((row) => row.height)) < COARSE_DIGIT;
  if (isCoarse && nearer.width * nearer.height < 0.5 * region.width * region.height)
    return findWriting(picture, nearer);
  return { writing: { ink, rows, region, factor: reduced.factor }, steps };
}

function prepareParts({ ink, region, factor }: Writing, parts: readonly PicturePart[]): Candidate<Box> {
  const { left, top, right, bottom } = boundsAround(parts);
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  const soft = inkOf(ink, new Set(parts.flatMap((part) => part.labels)), box);
  const { image, steps } = inkToImage(soft);
  return { box: toPicture(box, region, factor), image, steps: [planeStep('kept', soft, 255), ...steps] };
}

/** From working pixels of a region to the picture's own. */
function toPicture(box: Box, region: Box, factor: number): Box {
  const x = region.x + box.x * factor;
  const y = region.y + box.y * factor;
  const right = Math.min(region.x + region.width, x + box.width * factor);
  const bottom = Math.min(region.y + region.height, y + box.height * factor);
  return { x, y, width: right - x, height: bottom - y };
}
