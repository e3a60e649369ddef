import {
  cropPlane,
  IMAGE_SIZE,
  INK_SIZE,
  type LabelledImages,
  placeByCentreOfMass,
  type Plane,
  type RandomStream,
  resample,
  toBytes,
} from '@digits/data';

const NUM_PIXELS = IMAGE_SIZE * IMAGE_SIZE;

/** Ink fainter than this is the soft edge of a stroke. */
const INK_LEVEL = 64;

/** A digit that slides out of the picture must lose this share of its ink. */
const LEAST_LOSS = 0.4;

/** A fragment must keep as much ink as this many white pixels. */
const LEAST_FRAGMENT = 4;

/** How often a cut that failed is tried again, with another digit. */
const MAX_TRIES = 50;

interface Digit {
  /** `[28, 28]` uint8. */
  readonly pixels: Uint8Array;
  readonly label: number;
}

/**
 * A piece of a digit that cannot be another digit: a digit that has slid half out of the picture, or a small fragment far
 * from the middle. (Half of an 8 in the middle would be a 3.)
 *
 * @returns `[28, 28]` uint8, white on black
 */
export function drawPiece(digits: LabelledImages, draws: RandomStream): Uint8Array {
  const slides = draws.chance(0.5);
  for (let i = 0; i < MAX_TRIES; i++) {
    const { pixels } = drawDigit(digits, draws);
    const piece = slides ? slideOut(pixels, draws) : takeFragment(pixels, draws);
    const ink = inkOf(piece);
    if (ink >= LEAST_FRAGMENT && (!slides || ink <= (1 - LEAST_LOSS) * inkOf(pixels))) return piece;
  }
  // Of ordinary digits one in a few fails; a set of empty images ends here.
  return new Uint8Array(NUM_PIXELS);
}

/**
 * Two digits in one picture: side by side and framed as one, or one over the other. A 1 is laid over nothing, as it would
 * slash a 0 or cross a 7; two equal digits are not laid over each other, as they might be a bold one.
 *
 * @returns `[28, 28]` uint8, white on black
 */
export function drawPair(digits: LabelledImages, draws: RandomStream): Uint8Array {
  const first = drawDigit(digits, draws);
  const second = drawDigit(digits, draws);
  const canOverlap = first.label !== second.label && first.label !== 1 && second.label !== 1;
  if (!canOverlap || draws.chance(0.8)) return placeSideBySide(first.pixels, second.pixels, draws.integer(-1, 4));
  const apart = draws.integer(8, 10);
  const pair = shift(first.pixels, -Math.floor(apart / 2), draws.integer(-2, 2));
  shift(second.pixels, Math.ceil(apart / 2), 0).forEach((value, i) => {
    if (value > pair[i]) pair[i] = value;
  });
  return pair;
}

function drawDigit({ images, labels, count }: LabelledImages, draws: RandomStream): Digit {
  const i = draws.integer(0, count - 1);
  return { pixels: images.subarray(i * NUM_PIXELS, (i + 1) * NUM_PIXELS), label: labels[i] };
}

/** @returns the ink of an image, in white pixels */
function inkOf(pixels: Uint8Array): number {
  return pixels.reduce((sum, value) => sum + value, 0) / 255;
}

function slideOut(pixels: Uint8Array, draws: RandomStream): Uint8Array {
  const far = draws.pick([-1, 1]) * draws.integer(11, 17);
  const near = draws.integer(-6, 6);
  return draws.chance(0.5) ? shift(pixels, far, near) : shift(pixels, near, far);
}

/** A square window of 5 to 8 pixels, put where its nearer edge is at least 5 pixels from the middle of the picture. */
function takeFragment(pixels: Uint8Array, draws: RandomStream): Uint8Array {
  const side = draws.integer(5, 8);
  const fromX = draws.integer(5, 22 - side);
  const fromY = draws.integer(4, 23 - side);
  const margin = IMAGE_SIZE / 2 - 5 - side;
  const outer = draws.chance(0.5) ? draws.integer(0, margin) : IMAGE_SIZE - side - draws.integer(0, margin);
  const inner = draws.integer(0, IMAGE_SIZE - side);
  const [toX, toY] = draws.chance(0.5) ? [outer, inner] : [inner, outer];
  const fragment = new Uint8Array(NUM_PIXELS);
  for (let y = 0; y < side; y++) {
    const start = (fromY + y) * IMAGE_SIZE + fromX;
    fragment.set(pixels.subarray(start, start + side), (toY + y) * IMAGE_SIZE + toX);
  }
  return fragment;
}

/** @returns the image moved right and down; what leaves it is lost */
function shift(pixels: Uint8Array, right: number, down: number): Uint8Array {
  const moved = new Uint8Array(NUM_PIXELS);
  for (let y = Math.max(0, down); y < Math.min(IMAGE_SIZE, IMAGE_SIZE + down); y++) {
    for (let x = Math.max(0, right); x < Math.min(IMAGE_SIZE, IMAGE_SIZE + right); x++) {
      moved[y * IMAGE_SIZE + x] = pixels[(y - down) * IMAGE_SIZE + x - right];
    }
  }
  return moved;
}

/** Two digits' ink with a gap of so many pixels (before scaling), scaled together until the longer side is 20. */
function placeSideBySide(first: Uint8Array, second: Uint8Array, gap: number): Uint8Array {
  const inks = [cutInk(first), cutInk(second)];
  const width = inks[0].width + gap + inks[1].width;
  const height = Math.max(inks[0].height, inks[1].height);
  const whole: Plane = { width, height, values: new Float32Array(width * height) };
  inks.forEach((ink, i) => {
    const left = i === 0 ? 0 : width - ink.width;
    const top = Math.floor((height - ink.height) / 2);
    ink.values.forEach((value, at) => {
      const to = (top + Math.floor(at / ink.width)) * width + left + (at % ink.width);
      if (value > whole.values[to]) whole.values[to] = value;
    });
  });
  const scale = INK_SIZE / Math.max(width, height);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  const small = resample(whole, { x: 0, y: 0, width, height }, side(width), side(height));
  return placeByCentreOfMass(toBytes(small.values, 1), small.width, small.height);
}

/** The box of a digit's ink; the whole image where there is none. */
function cutInk(pixels: Uint8Array): Plane {
  const columns = Array.from({ length: IMAGE_SIZE }, (_, k) => k);
  const holdsInk = (x: number, y: number): boolean => pixels[y * IMAGE_SIZE + x] > INK_LEVEL;
  const xs = columns.filter((x) => columns.some((y) => holdsInk(x, y)));
  const ys = columns.filter((y) => columns.some((x) => holdsInk(x, y)));
  const plane: Plane = { width: IMAGE_SIZE, height: IMAGE_SIZE, values: Float32Array.from(pixels) };
  if (xs.length === 0) return plane;
  const [left, top] = [xs[0], ys[0]];
  return cropPlane(plane, {
    x: left,
    y: top,
    width: (xs.at(-1) ?? left) - left + 1,
    height: (ys.at(-1) ?? top) - top + 1,
  });
}
