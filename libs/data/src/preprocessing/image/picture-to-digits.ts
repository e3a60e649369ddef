import { type Box, boxAround } from '../geometry.ts';
import { checkPicture, type NoImageReason, type Picture, type PreparationStep } from '../picture.ts';
import {
  type Candidate,
  type DigitsOptions,
  type FoundDigits,
  readRows,
  type Row,
} from '../segmentation/segmentation.ts';
import { findParts, type PicturePart } from './digit-parts.ts';
import { closerRegion, findRegionInk, isolateDigit, type RegionInk } from './region-ink.ts';
import { isPattern } from './writing.ts';

/**
 * A page of 30 rows leaves 30 working pixels for each. The widest stroke takes 0.3 of the picture's shorter side: at least one row
 * must fit, its digits side by side.
 */
const SEARCH = { workingPixels: 1_000_000, strokeShare: 0.3 };

/** Digits found smaller than this, in working pixels, are looked at again closer where the original has more detail. */
const COARSE_DIGIT = 40;

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
export async function pictureToDigits(picture: Picture, options: DigitsOptions = {}): Promise<FoundDigits> {
  checkPicture('pictureToDigits', picture);
  const found = findWriting(picture, { x: 0, y: 0, width: picture.width, height: picture.height });
  if (found.writing === null) return { digits: [], reason: found.reason, steps: found.steps };
  const { writing } = found;
  const prepare = (parts: readonly PicturePart[]): Candidate => prepareParts(writing, parts);
  const digits = await readRows('pictureToDigits', writing.rows, prepare, options.classify);
  return { digits, reason: digits.length > 0 ? null : 'blank', steps: found.steps };
}

/** Rows of parts in the ink of a region. */
interface Writing {
  readonly regionInk: RegionInk;
  readonly rows: readonly Row<PicturePart>[];
}

type Search =
  | { readonly writing: Writing; readonly steps: readonly PreparationStep[] }
  | { readonly writing: null; readonly reason: NoImageReason; readonly steps: readonly PreparationStep[] };

function findWriting(picture: Picture, region: Box): Search {
  const search = findRegionInk(picture, region, SEARCH);
  const { found, steps } = search;
  if (found === null) return { writing: null, reason: search.reason, steps };
  const lows = found.ink.components.filter(({ height }) => height <= TEXTURE.height);
  if (lows.length > TEXTURE.numComponents || isPattern(found.ink))
    return { writing: null, reason: 'notWriting', steps };
  const rows = findParts(found.ink);
  const parts = rows.flatMap((row) => row.parts);
  if (parts.length === 0) return { writing: null, reason: 'notWriting', steps };
  const nearer = closerRegion(found, boxAround(parts));
  const isCoarse = found.factor > 1 && Math.min(...rows.map((row) => row.height)) < COARSE_DIGIT;
  if (isCoarse && nearer.width * nearer.height < 0.5 * region.width * region.height)
    return findWriting(picture, nearer);
  return { writing: { regionInk: found, rows }, steps };
}

function prepareParts({ regionInk }: Writing, parts: readonly PicturePart[]): Candidate {
  return isolateDigit(regionInk, new Set(parts.flatMap((part) => part.labels)), boxAround(parts));
}
