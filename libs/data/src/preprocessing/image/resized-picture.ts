import { checkPicture, type NoImageReason, type Picture } from '../picture.ts';
import { MAX_GREY_SIDE, resampleWithin } from './grey-picture.ts';
import { createPlane, type Plane, resample, toBytes } from './plane.ts';
import { type ColourPlanes, reducePicture } from './reduce.ts';

/** A picture at another size, its colours not yet inverted. */
export interface ResizedPicture {
  /** `[side, side]` uint8 grey. */
  readonly pixels: Uint8Array;
  /** As {@link inkVote}. */
  readonly vote: number;
}

/** Weights of red, green and blue in the lightness of a pixel (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

/** Pictures with a smaller range of grey levels show nothing. */
const MIN_RANGE = 4;

/**
 * Resizes a picture to a square: area-weighted if it shrinks, cubic if it grows. Its aspect ratio is kept; what is missing is filled
 * with the median of its border. Transparent pixels get a ground that shows the ink.
 *
 * @param picture grey, RGB or RGBA, up to 50 megapixels
 * @returns the picture in grey, or `blank` if it shows nothing
 * @throws RangeError if size, channels and data do not match
 */
export function resizePicture(picture: Picture, side: number): ResizedPicture | Extract<NoImageReason, 'blank'> {
  checkPicture('resizePicture', picture);
  const { width, height } = picture;
  const factor = Math.max(1, Math.floor(Math.max(width, height) / MAX_GREY_SIDE));
  const reduced = reducePicture(picture, { x: 0, y: 0, width, height }, factor);
  if (!reduced.visible) return 'blank';
  const grey = toGrey(reduced);
  if (rangeOf(grey.values) < MIN_RANGE) return 'blank';
  return { pixels: fitSquare(grey, side), vote: inkVote(grey.values, grey.width, grey.height) };
}

/**
 * Returns how an image speaks for ink that is darker than its paper: 1 for dark ink, -1 for light ink, 0 for neither. Its border is
 * mostly paper, even if the digit touches it, so paper is on the border's side of the image's mean. The sum over a set decides for it,
 * because a small image that a digit fills may look either way.
 *
 * @param pixels `[height, width]` grey
 */
export function inkVote(pixels: Uint8Array | Float32Array, width: number, height: number): number {
  const border = borderOf(pixels, width, height);
  let [sum, borderSum] = [0, 0];
  for (const value of pixels) sum += value;
  for (const value of border) borderSum += value;
  return Math.sign(borderSum / border.length - sum / pixels.length);
}

/** Returns the outermost pixels of a `[height, width]` image, row by row. */
export function borderOf(pixels: Uint8Array | Float32Array, width: number, height: number): Float32Array {
  const inner = Math.max(0, width - 2) * Math.max(0, height - 2);
  const border = new Float32Array(width * height - inner);
  let n = 0;
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step) border[n++] = pixels[y * width + x];
  }
  return border;
}

function rangeOf(values: Float32Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

function toGrey({ width, height, planes }: ColourPlanes): Plane {
  if (planes.length === 1) return { width, height, values: planes[0] };
  const [red, green, blue] = planes;
  const grey = createPlane(width, height);
  for (let i = 0; i < grey.values.length; i++) {
    grey.values[i] = LUMA[0] * red[i] + LUMA[1] * green[i] + LUMA[2] * blue[i];
  }
  return grey;
}

function fitSquare(grey: Plane, side: number): Uint8Array {
  const scale = side / Math.max(grey.width, grey.height);
  const width = Math.max(1, Math.round(grey.width * scale));
  const height = Math.max(1, Math.round(grey.height * scale));
  const region = { x: 0, y: 0, width: grey.width, height: grey.height };
  const shrinks = grey.width >= width && grey.height >= height;
  const resized = shrinks ? resample(grey, region, width, height) : resampleWithin(grey, region, width, height);
  const bytes = toBytes(resized.values, 1);
  if (width === side && height === side) return bytes;
  const border = borderOf(bytes, width, height).sort();
  const square = new Uint8Array(side * side).fill(border[border.length >> 1]);
  const left = (side - width) >> 1;
  const top = (side - height) >> 1;
  for (let y = 0; y < height; y++) {
    square.set(bytes.subarray(y * width, (y + 1) * width), (top + y) * side + left);
  }
  return square;
}
