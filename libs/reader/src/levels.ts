import {
  type Box,
  type FoundDigit,
  type FoundDigits,
  type GreyPicture,
  type InkPlanes,
  sampleGrey,
} from '@digits/data';
import { type InkDetector, numTiles, TILE_CORE } from './ink-detector.ts';

/** A picture whose ink can be looked at more or less closely; what was seen is kept. */
export interface InkView {
  readonly picture: GreyPicture;
  /** @param longerSide of the region, in working pixels */
  look(region: Box, longerSide: number): Promise<InkPlanes>;
}

/** One way to read a picture. */
export interface Attempt {
  readonly found: FoundDigits;
  /** The ink that was read. */
  readonly planes: InkPlanes;
  /** Mean of the digits' highest probabilities, in [0, 1]. */
  readonly confidence: number;
  /** The lowest of them. */
  readonly leastConfidence: number;
  /** Median size of the digits, in working pixels. */
  readonly digitSize: number;
}

/** Prepares and classifies the digits of some ink. */
export type ReadInk = (planes: InkPlanes) => Promise<FoundDigits>;

/** Digits of this size, in working pixels, show all that a 28x28 image can: a closer look is of no use. */
const LARGE_DIGIT = 40;

/** Smaller digits than this are always looked at more closely if the picture has more detail ... */
const SMALL_DIGIT = 18;

/** ... and those between the two unless each digit is this probable. */
const CERTAIN = 0.95;

/** A closer look aims at digits of this size. */
const TARGET_SIZE = 40;

/** A closer look enlarges by at least and at most this factor. */
const ENLARGEMENT = [1.5, 4] as const;

/** Working pixels per picture pixel, at most: the network reads enlarged digits, but enlarging adds no detail. */
const MAX_SCALE = 2.5;

/** A closer look that enlarges by less than this is of no use. */
const LEAST_GAIN = 1.25;

/** A picture in which nothing is found is looked at with up to this many working pixels. */
const MAX_BLANK_SIDE = 4 * TILE_CORE;

/** The tiles of the closest look, at most. */
const MAX_TILES = 200;

/** Creates a view on a picture. */
export function createInkView(picture: GreyPicture, detector: InkDetector): InkView {
  const seen = new Map<string, Promise<InkPlanes>>();
  return {
    picture,
    look: (region, longerSide) => {
      const key = [region.x, region.y, region.width, region.height, longerSide].join();
      const planes = seen.get(key) ?? detector.detect(sampleGrey(picture, region, longerSide));
      seen.set(key, planes);
      return planes;
    },
  };
}

/**
 * Reads a picture at the coarsest scale that shows its digits well: the whole at first, then what ink there is, closer and closer.
 *
 * @param focus returns the part of the picture to look at more closely
 * @param maxWholeTiles returns up to how many tiles the region is kept as it is
 */
export async function readClosely(
  view: InkView,
  read: ReadInk,
  focus: (attempt: Attempt) => Box | null,
  maxWholeTiles: (attempt: Attempt) => number = () => 0,
): Promise<Attempt> {
  const { picture } = view;
  let region: Box = { x: 0, y: 0, width: picture.width, height: picture.height };
  let longerSide = TILE_CORE;
  let best: Attempt | null = null;
  for (;;) {
    const attempt = await attemptToRead(await view.look(region, longerSide), read);
    if (best === null || isBetter(attempt, best)) best = attempt;
    if (isGood(attempt)) return best;
    const next = closerLook(picture, attempt, focus(attempt), maxWholeTiles(attempt));
    if (next === null) return best;
    ({ region, longerSide } = next);
  }
}

/** Reads some ink. */
export async function attemptToRead(planes: InkPlanes, read: ReadInk): Promise<Attempt> {
  const found = await read(planes);
  const confidences = found.digits.map(confidenceOf);
  const sizes = found.digits.map(({ box }) => Math.max(box.width, box.height) * scaleOf(planes)).sort((a, b) => a - b);
  return {
    found,
    planes,
    confidence: confidences.reduce((sum, value) => sum + value, 0) / Math.max(1, confidences.length),
    leastConfidence: confidences.reduce((least, value) => Math.min(least, value), 1),
    digitSize: sizes.at(sizes.length >> 1) ?? 0,
  };
}

/** Returns the probability of a digit's likeliest class. */
export function confidenceOf({ probabilities }: FoundDigit): number {
  return probabilities?.reduce((most, value) => Math.max(most, value), 0) ?? 1;
}

/** Working pixels per pixel of the picture. */
function scaleOf({ width, height, region }: InkPlanes): number {
  return Math.max(width, height) / Math.max(region.width, region.height);
}

function isGood({ found, digitSize, leastConfidence }: Attempt): boolean {
  if (found.digits.length === 0) return false;
  return digitSize >= LARGE_DIGIT || (digitSize >= SMALL_DIGIT && leastConfidence >= CERTAIN);
}

/** Of readings that are as probable, the closer one is taken. */
function isBetter(attempt: Attempt, before: Attempt): boolean {
  if (attempt.found.digits.length === 0) return false;
  return before.found.digits.length === 0 || attempt.confidence >= before.confidence - 0.05;
}

function closerLook(
  picture: GreyPicture,
  { found, planes, digitSize }: Attempt,
  focus: Box | null,
  maxWholeTiles: number,
): { region: Box; longerSide: number } | null {
  const scale = scaleOf(planes);
  const isBlank = found.digits.length === 0 || focus === null;
  const [least, most] = ENLARGEMENT;
  const factor = isBlank ? 2 : Math.min(most, Math.max(least, TARGET_SIZE / digitSize));
  const nextScale = Math.min(scale * factor, MAX_SCALE / picture.factor);
  const tilesOf = ({ width, height }: Box, atScale: number): number => numTiles(width * atScale, height * atScale);
  const isWhole = isBlank || tilesOf(planes.region, nextScale) <= maxWholeTiles;
  const region = isWhole ? planes.region : focus;
  const side = Math.max(region.width, region.height);
  const longerSide = longestSide(picture, region, Math.ceil(side * nextScale));
  if (isBlank && longerSide > MAX_BLANK_SIDE) return null;
  return longerSide >= LEAST_GAIN * scale * side ? { region, longerSide } : null;
}

/** Returns the longer side at which a region may be looked at, in working pixels: `wanted`, or less to bound the work. */
export function longestSide(picture: GreyPicture, region: Box, wanted: number): number {
  const side = Math.max(region.width, region.height);
  let longerSide = Math.max(TILE_CORE, Math.min(wanted, Math.ceil((side * MAX_SCALE) / picture.factor)));
  while (numTiles((region.width * longerSide) / side, (region.height * longerSide) / side) > MAX_TILES) {
    longerSide = Math.floor(longerSide * 0.9);
  }
  return longerSide;
}
