import { IMAGE_SIZE, type LabelledImages, openRandomStream, RandomPurpose, type RandomStream } from '@digits/data';

/** Options of {@link generateNeighbours}. */
export interface NeighboursOptions {
  /** Number of images, at least 0. */
  readonly count: number;
  /** A safe integer of at least 0: the same seed gives the same images. */
  readonly seed: number;
}

/** Share of the images that show the place between two digits instead of a digit. */
const MISPLACED_SHARE = 0.35;

/** Share of the digits with a neighbour on one side only. */
const ONE_SIDE_SHARE = 0.4;

/** Share of the digits whose neighbours are cut off close to the digit. */
const CUT_OFF_SHARE = 0.3;

/** Gaps between neighbours in pixels, from digits whose strokes coincide to digits that do not quite touch. */
const GAPS = [-4, 1] as const;

/** A misplaced window is off by at least this share of the distance to the next digit's centre, or it shows the digit. */
const LEAST_OFFSET = 0.33;

/** Pixels at least this bright are ink. */
const INK_LEVEL = 96;

const SIDE = IMAGE_SIZE;

/** Three digits side by side, the middle one in the middle, in a strip of this width. */
const STRIP = 3 * SIDE;

/**
 * Generates images of digits among others that touch them, as in a number written in one go. The label is that of the digit in the middle;
 * some images show the place between two digits, and have a class of their own. A network trained on them reads digits that touch without
 * cutting them apart exactly. Image i depends on digits, seed and i alone.
 *
 * @param digits `[n, 28, 28, 1]`, each digit in the middle of its image
 * @returns `[count, 28, 28, 1]`, with the label `digits.numClasses` if no digit is in the middle
 * @throws RangeError if the digits have another size or there are none, or the count is out of range
 * @see Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998, section VII: space displacement networks
 * @example
 * ```ts
 * generateNeighbours(mnist.train, { count: 24_000, seed: 42 }).numClasses; // 11
 * ```
 */
export function generateNeighbours(digits: LabelledImages, { count, seed }: NeighboursOptions): LabelledImages {
  const { height, width, channels, numClasses } = digits;
  if (height !== SIDE || width !== SIDE || channels !== 1) {
    throw new RangeError(
      `generateNeighbours: digits must be ${SIDE}x${SIDE}x1, got ${height}x${width}x${channels}; resize them first`,
    );
  }
  if (digits.count < 1) throw new RangeError('generateNeighbours: digits must be at least 1, got 0');
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`generateNeighbours: count must be an integer of at least 0, got ${count}`);
  }
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = new Uint8Array(count);
  for (let sample = 0; sample < count; sample++) {
    const draws = openRandomStream({ seed, purpose: RandomPurpose.neighbours, sample });
    const { image, label } = drawDigitAmongOthers(digits, draws);
    images.set(image, sample * SIDE * SIDE);
    labels[sample] = label ?? numClasses;
  }
  return { ...digits, images, labels, count, numClasses: numClasses + 1 };
}

/** @returns `[28, 28]` uint8, and the label of the digit in the middle, null if there is none */
function drawDigitAmongOthers(
  digits: LabelledImages,
  draws: RandomStream,
): { readonly image: Uint8Array; readonly label: number | null } {
  const isMisplaced = draws.chance(MISPLACED_SHARE);
  const main = draws.integer(0, digits.count - 1);
  const pixels = imageAt(digits, main);
  const strip = createStrip(pixels);
  const bothSides = !draws.chance(ONE_SIDE_SHARE);
  const firstSide = draws.pick([-1, 1] as const);
  const distance = addNeighbour(strip, pixels, imageAt(digits, draws.integer(0, digits.count - 1)), firstSide, draws);
  if (bothSides) {
    const other = firstSide === 1 ? -1 : 1;
    addNeighbour(strip, pixels, imageAt(digits, draws.integer(0, digits.count - 1)), other, draws);
  }
  if (isMisplaced) {
    const offset = firstSide * Math.round(distance * draws.uniform(LEAST_OFFSET, 1 - LEAST_OFFSET));
    return { image: cutWindow(strip, offset), label: null };
  }
  const image = cutWindow(strip, draws.integer(-1, 1));
  if (draws.chance(CUT_OFF_SHARE)) cutOff(image, pixels, draws.integer(1, 6));
  return { image, label: digits.labels[main] };
}

function imageAt({ images }: LabelledImages, index: number): Uint8Array {
  return images.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE);
}

/** @returns `[28, 84]` uint8 with the image in the middle */
function createStrip(pixels: Uint8Array): Uint8Array {
  const strip = new Uint8Array(SIDE * STRIP);
  for (let y = 0; y < SIDE; y++) strip.set(pixels.subarray(y * SIDE, (y + 1) * SIDE), y * STRIP + SIDE);
  return strip;
}

/**
 * Adds a digit on one side of the middle one, as close as their ink allows in every row.
 *
 * @returns the distance of their images' centres in pixels
 */
function addNeighbour(
  strip: Uint8Array,
  pixels: Uint8Array,
  other: Uint8Array,
  side: 1 | -1,
  draws: RandomStream,
): number {
  const down = draws.integer(-2, 2);
  const gap = draws.integer(...GAPS);
  const near = reachOf(pixels, side);
  const far = reachOf(other, side === 1 ? -1 : 1);
  let distance = 0;
  for (let y = 0; y < SIDE; y++) {
    // Neighbouring rows count, since strokes touch at corners too.
    for (let dy = -1; dy <= 1; dy++) {
      const row = y - down + dy;
      if (row >= 0 && row < SIDE) distance = Math.max(distance, near[y] + far[row] + 1);
    }
  }
  distance = Math.max(4, distance + gap);
  for (let y = Math.max(0, down); y < Math.min(SIDE, SIDE + down); y++) {
    for (let x = 0; x < SIDE; x++) {
      const column = SIDE + x + side * distance;
      const value = other[(y - down) * SIDE + x];
      const i = y * STRIP + column;
      if (column >= 0 && column < STRIP && value > strip[i]) strip[i] = value;
    }
  }
  return distance;
}

/** Returns for each row how far the ink reaches from the middle column to one side, in pixels; -Infinity for a row without ink. */
function reachOf(pixels: Uint8Array, side: 1 | -1): Float64Array {
  const reach = new Float64Array(SIDE).fill(-Infinity);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      if (pixels[y * SIDE + x] >= INK_LEVEL) reach[y] = Math.max(reach[y], side * (x - (SIDE - 1) / 2));
    }
  }
  return reach;
}

function cutWindow(strip: Uint8Array, offset: number): Uint8Array {
  const image = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    const start = y * STRIP + SIDE + offset;
    image.set(strip.subarray(start, start + SIDE), y * SIDE);
  }
  return image;
}

/** Erases the columns that are further than `reach` pixels from the digit's. */
function cutOff(image: Uint8Array, pixels: Uint8Array, reach: number): void {
  let [left, right] = [SIDE, -1];
  pixels.forEach((value, i) => {
    if (value < INK_LEVEL) return;
    left = Math.min(left, i % SIDE);
    right = Math.max(right, i % SIDE);
  });
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) if (x < left - reach || x > right + reach) image[y * SIDE + x] = 0;
  }
}
