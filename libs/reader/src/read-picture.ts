import {
  type Box,
  type ClassifyImages,
  type DigitsOptions,
  type FoundDigit,
  type FoundDigits,
  gapBetween,
  type GreyPicture,
  inkBounds,
  type InkPlanes,
  inkToDigit,
  inkToDigits,
  mnistLikePixels,
  openPicture,
  type Picture,
  type PreparedImage,
  type QuarterTurn,
  resizePicture,
  turnBox,
  turnPlanes,
} from '@digits/data';
import type { InkDetector } from './ink-detector.ts';
import { readSudoku } from './read-grid.ts';
import type { PictureDigits } from './reading.ts';
import {
  type Attempt,
  attemptToRead,
  confidenceOf,
  createInkView,
  type InkView,
  readClosely,
  type ReadInk,
} from './levels.ts';

/** A digit in a picture of several counts towards `auto` if it has at least this share of the tallest one's height. */
const MIN_RELATIVE_HEIGHT = 0.4;

/** A digit in a picture of several counts towards `auto` if it is at least this probable. */
const MIN_CONFIDENCE = 0.6;

/** Up to this many digits may be the pieces of one. */
const MAX_PIECES = 3;

/** Digits further apart than this share of their height are not the pieces of one. */
const APART = 0.35;

/** A digit that is wider than this share of its height is not one. */
const WIDEST_DIGIT = 1.3;

/** How likely several digits are, compared with one digit in pieces that is as probable. */
const PIECES_ODDS = 0.5;

/** A reading whose digits are less probable than this on average may be sideways ... */
const UNSURE = 0.5;

/** ... and is, if after a turn they are at least this probable. */
const SURE = 0.85;

/** Room around what is looked at more closely, as a share of a digit's size. */
const MARGIN = 0.5;

/** The same around a sheet of digits: those at its ends may have been missed. */
const SHEET_MARGIN = 3;

/** The same around what looks like one digit. */
const LONE_MARGIN = 1;

/** Size of a lone digit in a coarse look, in working pixels, from which neighbours would show too. */
const LONE_SIZE = 14;

/** A picture of several digits is looked at as a whole with up to this many tiles, since a coarse look can miss some of them. */
const MAX_WHOLE_TILES = 128;

/** A sudoku in a smaller picture has digits of fewer than 12 pixels. */
const SUDOKU_SIDE = 200;

/** Reads the digits of a picture. */
export async function readPicture(
  picture: Picture,
  detector: InkDetector,
  options: DigitsOptions & { readonly classify: ClassifyImages },
  mode: 'auto' | 'single' | 'multiple',
): Promise<PictureDigits> {
  const asItIs = mode === 'multiple' ? null : mnistLikePixels(picture);
  if (asItIs !== null) return { ...asOne(prepared(asItIs)), mode: 'single', notice: null, orientation: 0 };
  const grey = openPicture(picture);
  if (typeof grey === 'string') {
    const nothing = { digits: [], reason: grey, steps: [] };
    return { ...nothing, mode: mode === 'multiple' ? mode : 'single', notice: null, orientation: 0 };
  }
  return readInk(createInkView(grey, detector), options, mode);
}

/**
 * Reads a picture as the network's training read its images: resized as it is, as one digit. Its border tells whether its ink is dark.
 *
 * @param side of the network's input
 */
export function readResized(picture: Picture, side: number): PictureDigits {
  const resized = resizePicture(picture, side);
  const facts = { mode: 'single', notice: null, orientation: 0 } as const;
  if (resized === 'blank') return { digits: [], reason: resized, steps: [], ...facts };
  const image = resized.vote > 0 ? resized.pixels.map((value) => 255 - value) : resized.pixels;
  const steps = [
    { name: 'resized', width: side, height: side, pixels: resized.pixels },
    { name: 'image', width: side, height: side, pixels: image },
  ];
  const box = { x: 0, y: 0, width: picture.width, height: picture.height };
  return { ...asOne({ image, box, reason: null, steps }), ...facts };
}

async function readInk(
  view: InkView,
  options: DigitsOptions & { readonly classify: ClassifyImages },
  mode: 'auto' | 'single' | 'multiple',
): Promise<PictureDigits> {
  const readDigits = (planes: InkPlanes): Promise<FoundDigits> => inkToDigits(planes, options);
  const readDigit = oncePerPlanes((planes) => inkToDigit(planes, options));
  const several = await readSeveral(view, readDigits);
  if (mode !== 'single' && mayBeSudoku(view, several)) {
    const sudoku = await readSudoku(view, options.classify);
    if (sudoku !== null) return sudoku;
  }
  if (mode === 'multiple') return asMultiple(await turned(view, several, readDigits));
  const isSeveral = looksLikeSeveral(several.found) && !(await isOneDigit(several, readDigit));
  if (mode === 'auto' && isSeveral) return asMultiple({ ...several, orientation: 0 });
  const one = await readOne(view, readDigit);
  if (mode === 'auto' && one.confidence < UNSURE) {
    const turnedSeveral = await turned(view, several, readDigits);
    if (turnedSeveral.orientation !== 0 && looksLikeSeveral(turnedSeveral.found)) return asMultiple(turnedSeveral);
  }
  const { found, orientation } = await turned(view, one, readDigit);
  return { ...found, mode: 'single', notice: isSeveral ? 'severalDigits' : null, orientation };
}

/** Returns a function that reads the same ink once and then gives the same answer. */
function oncePerPlanes(read: ReadInk): ReadInk {
  const answers = new Map<InkPlanes, Promise<FoundDigits>>();
  return (planes) => {
    const answer = answers.get(planes) ?? read(planes);
    answers.set(planes, answer);
    return answer;
  };
}

/** Returns whether a picture is large enough for a sudoku, and shows anything else than one clear digit. */
function mayBeSudoku({ picture }: InkView, { found, confidence }: Attempt): boolean {
  return Math.min(picture.width, picture.height) >= SUDOKU_SIDE && (found.digits.length > 1 || confidence < SURE);
}

function asMultiple({ found, orientation }: Turned): PictureDigits {
  return { ...found, mode: 'multiple', notice: null, orientation };
}

/**
 * Prepares a picture of one digit: {@link readPicture} for data sets, where there may be no classifier yet.
 *
 * @param classify if given, decides which pieces of ink belong to the digit
 */
export async function prepareDigit(
  picture: Picture,
  detector: InkDetector,
  classify?: ClassifyImages,
): Promise<PreparedImage> {
  const asItIs = mnistLikePixels(picture);
  if (asItIs !== null) return prepared(asItIs);
  const grey = openPicture(picture);
  if (typeof grey === 'string') return { image: null, box: null, reason: grey, steps: [] };
  const view = createInkView(grey, detector);
  const { found } = await readOne(view, (planes) => inkToDigit(planes, { classify }));
  const digit = found.digits.at(0);
  if (digit === undefined) return { image: null, box: null, reason: 'blank', steps: found.steps };
  return { image: digit.image, box: digit.box, reason: null, steps: [...found.steps, ...digit.steps] };
}

function readSeveral(view: InkView, read: ReadInk): Promise<Attempt> {
  return readClosely(
    view,
    read,
    ({ found, planes, digitSize }) => {
      const box = inkBounds(planes);
      const margin = isLone({ found, digitSize }) ? LONE_MARGIN : SHEET_MARGIN;
      return box && widened(box, (margin * digitSize * planes.region.width) / planes.width, view.picture);
    },
    (attempt) => (isLone(attempt) ? 0 : MAX_WHOLE_TILES),
  );
}

/** A small digit may be the only one of a line that a coarse look shows. */
function isLone({ found, digitSize }: Pick<Attempt, 'found' | 'digitSize'>): boolean {
  return found.digits.length === 1 && digitSize >= LONE_SIZE;
}

function readOne(view: InkView, read: ReadInk): Promise<Attempt> {
  return readClosely(view, read, ({ found, planes, confidence }) => {
    const digit = found.digits.at(0);
    const box = digit !== undefined && confidence >= UNSURE ? digit.box : inkBounds(planes);
    return box && widened(box, MARGIN * Math.max(box.width, box.height), view.picture);
  });
}

/** Returns the box with room around it, within the picture. */
function widened({ x, y, width, height }: Box, margin: number, picture: GreyPicture): Box {
  const left = Math.max(0, x - margin);
  const top = Math.max(0, y - margin);
  const right = Math.min(picture.width, x + width + margin);
  const bottom = Math.min(picture.height, y + height + margin);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A reading, and how far the picture was turned for it. */
interface Turned {
  readonly found: FoundDigits;
  readonly orientation: QuarterTurn;
}

/** Turns the ink that was read with little success, and reads it again. */
async function turned({ picture }: InkView, upright: Attempt, read: ReadInk): Promise<Turned> {
  let best: { attempt: Attempt; orientation: QuarterTurn } = { attempt: upright, orientation: 0 };
  if (upright.confidence < UNSURE && inkBounds(upright.planes) !== null) {
    for (const orientation of [90, 180, 270] as const) {
      const attempt = await attemptToRead(turnPlanes(upright.planes, orientation, picture), read);
      if (attempt.confidence >= SURE && attempt.confidence > best.attempt.confidence) best = { attempt, orientation };
    }
  }
  const { attempt, orientation } = best;
  if (orientation === 0) return { found: attempt.found, orientation };
  const back = ((360 - orientation) % 360) as QuarterTurn;
  const sideways = orientation === 180 ? picture : { width: picture.height, height: picture.width };
  const digits = attempt.found.digits.map((digit) => ({ ...digit, box: turnBox(digit.box, back, sideways) }));
  return { found: { ...attempt.found, digits }, orientation };
}

/**
 * Returns whether a few digits are more likely the pieces of one: a broken 4 looks like 11, and the halves of a 3 like digits in two
 * rows.
 */
async function isOneDigit({ found, planes }: Attempt, readDigit: ReadInk): Promise<boolean> {
  const { digits } = found;
  if (digits.length > MAX_PIECES) return false;
  const one = (await readDigit(planes)).digits.at(0);
  if (one === undefined || one.box.width > WIDEST_DIGIT * one.box.height) return false;
  if (!digits.every(({ box }) => isInside(box, one.box))) return false;
  if (digits.some((digit) => gapToOthers(digit, digits) > APART * digit.box.height)) return false;
  const oddsOfPieces = digits.reduce((product, digit) => product * confidenceOf(digit), PIECES_ODDS);
  return confidenceOf(one) > oddsOfPieces;
}

function isInside(inner: Box, outer: Box): boolean {
  const tolerance = 0.05 * Math.max(outer.width, outer.height);
  return (
    inner.x >= outer.x - tolerance &&
    inner.y >= outer.y - tolerance &&
    inner.x + inner.width <= outer.x + outer.width + tolerance &&
    inner.y + inner.height <= outer.y + outer.height + tolerance
  );
}

/** Returns the gap to the nearest other digit, as {@link gapBetween} measures it. */
function gapToOthers({ box }: FoundDigit, digits: readonly FoundDigit[]): number {
  return Math.min(...digits.filter((digit) => digit.box !== box).map((digit) => gapBetween(box, digit.box)));
}

/** Returns whether at least two digits are confident and tall enough, and most of what was found is. */
function looksLikeSeveral({ digits }: FoundDigits): boolean {
  const tallest = digits.reduce((height, { box }) => Math.max(height, box.height), 0);
  const certain = digits.filter(
    (digit) => digit.box.height >= MIN_RELATIVE_HEIGHT * tallest && confidenceOf(digit) >= MIN_CONFIDENCE,
  );
  return certain.length >= 2 && certain.length > digits.length / 2;
}

function prepared(image: Uint8Array): PreparedImage {
  const [width, height] = [28, 28];
  const steps = [{ name: 'image', width, height, pixels: image }];
  return { image, box: { x: 0, y: 0, width, height }, reason: null, steps };
}

/** Returns an image prepared as one digit in the form of several. */
export function asOne({ image, box, reason, steps }: PreparedImage): FoundDigits {
  return {
    digits: image === null ? [] : [{ box, row: 0, image, probabilities: null, isTouching: false, steps: [] }],
    reason,
    steps,
  };
}
