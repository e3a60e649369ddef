import type { Box } from '../geometry.ts';
import { checkPicture, MIN_PICTURE_SIDE, type NoImageReason, type Picture } from '../picture.ts';
import { IMAGE_SIZE, isMnistLike } from '../placement.ts';
import { mixChannels } from './grey.ts';
import { createPlane, type Plane, quantiles, resample } from './plane.ts';
import { reducePicture } from './reduce.ts';

/** A picture mixed to grey, ready to be sampled at any size. */
export interface GreyPicture {
  /** Size of the original picture. */
  readonly width: number;
  readonly height: number;
  /** Picture pixels per pixel of `plane`, on either axis. */
  readonly factor: number;
  /** `[ceil(height / factor), ceil(width / factor)]` in [0, 255]. */
  readonly plane: Plane;
}

/** A region of a picture at working size: the input of the ink network. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** `[height, width]` uint8 grey, stretched by {@link stretchContrast}. */
  readonly pixels: Uint8Array;
  /** Position of the image in the picture, in pixels of the picture. */
  readonly region: Box;
}

/** The least length of the longer side to which a large picture is reduced: pages are read at up to 1280 working pixels. */
export const MAX_GREY_SIDE = 1280;

/** Ink that differs from the paper by fewer grey levels than 255 divided by this stays faint: it can't be told from noise. */
const MAX_GAIN = 8;

/** Shares of the pixels that are cut off as black and as white. */
const CUT_SHARES = [0.001, 0.999] as const;

/**
 * Mixes a picture to grey so that ink and paper differ most, reduced by a whole factor if it is larger than any working size.
 *
 * @param picture grey, RGB or RGBA, up to 50 megapixels
 * @returns the grey picture, or the reason why it can't be read
 * @throws RangeError if size, channels and data do not match
 */
export function openPicture(picture: Picture): GreyPicture | NoImageReason {
  checkPicture('openPicture', picture);
  const { width, height } = picture;
  if (Math.min(width, height) < MIN_PICTURE_SIDE) return 'tooSmall';
  const factor = Math.max(1, Math.floor(Math.max(width, height) / MAX_GREY_SIDE));
  const reduced = reducePicture(picture, { x: 0, y: 0, width, height }, factor);
  return reduced.visible ? { width, height, factor, plane: mixChannels(reduced) } : 'blank';
}

/**
 * Returns the pixels of a picture that is like MNIST's already (28x28, opaque, grey) and needs no preparation, as a copy; null for
 * all others.
 */
export function mnistLikePixels({ data, width, height, channels }: Picture): Uint8Array | null {
  if (width !== IMAGE_SIZE || height !== IMAGE_SIZE) return null;
  const pixels = new Uint8Array(width * height);
  for (let i = 0, j = 0; i < pixels.length; i++, j += channels) {
    const isGrey = channels === 1 || (data[j] === data[j + 1] && data[j] === data[j + 2]);
    if (!isGrey || (channels === 4 && data[j + 3] !== 255)) return null;
    pixels[i] = data[j];
  }
  return isMnistLike(pixels) ? pixels : null;
}

/**
 * Samples a region of a picture at working size: area-weighted if it shrinks, cubic if it grows, then stretched in contrast.
 *
 * @param region in pixels of the picture, within it; fractions allowed
 * @param longerSide of the returned image, in pixels
 */
export function sampleGrey({ plane, factor }: GreyPicture, region: Box, longerSide: number): GreyImage {
  const scale = longerSide / Math.max(region.width, region.height);
  const width = Math.max(1, Math.round(region.width * scale));
  const height = Math.max(1, Math.round(region.height * scale));
  const source = {
    x: region.x / factor,
    y: region.y / factor,
    width: region.width / factor,
    height: region.height / factor,
  };
  // Averages never reach beyond the region; cubics do.
  const shrinks = source.width >= width && source.height >= height;
  const sampled = shrinks ? resample(plane, source, width, height) : resampleWithin(plane, source, width, height);
  return { width, height, pixels: stretchContrast(sampled), region };
}

/** Resamples a region of a plane whose border pixels go on beyond it. */
export function resampleWithin(plane: Plane, region: Box, width: number, height: number): Plane {
  const margin = 2;
  const left = Math.floor(region.x) - margin;
  const top = Math.floor(region.y) - margin;
  const crop = createPlane(
    Math.ceil(region.x + region.width) + margin - left,
    Math.ceil(region.y + region.height) + margin - top,
  );
  for (let y = 0; y < crop.height; y++) {
    const row = Math.min(plane.height - 1, Math.max(0, top + y)) * plane.width;
    for (let x = 0; x < crop.width; x++) {
      crop.values[y * crop.width + x] = plane.values[row + Math.min(plane.width - 1, Math.max(0, left + x))];
    }
  }
  return resample(crop, { ...region, x: region.x - left, y: region.y - top }, width, height);
}

/**
 * Stretches the contrast of an image: the 0.1% and 99.9% quantiles become black and white, with a gain of at most 8, so that the
 * noise of blank paper stays faint. An image with less contrast than that is centred on mid-grey.
 *
 * @param plane `[height, width]` float32 in any unit of at most 255
 * @returns `[height, width]` uint8: the input of the ink network, in training too
 */
export function stretchContrast({ values }: Plane): Uint8Array {
  const [low, high] = quantiles(values, CUT_SHARES, 1);
  const range = Math.max(high - low, 255 / MAX_GAIN);
  const black = (low + high - range) / 2;
  const pixels = new Uint8Array(values.length);
  for (let i = 0; i < pixels.length; i++) {
    const value = ((values[i] - black) * 255) / range;
    pixels[i] = value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
  }
  return pixels;
}
