import { randomBlock, type RandomKey, symmetricFromWord } from '../randomness/random.ts';
import type { ImageSize } from './warp.ts';

/** Strokes made thicker (grey dilation) or thinner (grey erosion). */
export interface StrokeWidthSettings {
  /** Pixels in [0, 3]: the radius is drawn uniformly from +- that, thicker when positive. */
  readonly radius: number;
}

/**
 * Draws a change of stroke width: word 0 of the key's stream by `symmetricFromWord`, rounded half up to 1/256 pixel.
 *
 * @param settings must have passed `validateAugmentation`
 * @returns the radius in 1/256 pixel, an integer; strokes get thicker when it is positive
 * @throws RangeError when a part of the key is out of range
 */
export function strokeRadius(settings: StrokeWidthSettings, key: RandomKey): number {
  const [word] = randomBlock(key);
  return Math.floor(symmetricFromWord(word, settings.radius) * 256 + 0.5);
}

/**
 * Makes strokes thicker by grey dilation, or thinner by grey erosion, which is dilation of the negative.
 *
 * Dilation by a fractional radius r: each pixel becomes the largest of its neighbours' values, each times
 * min(1, max(0, r + 1 - distance)), so that r = 0 changes nothing and the result grows with r without steps. Neighbours
 * outside the picture do not count. In integers: distance d = floor(256 sqrt(dx^2 + dy^2) + 0.5), weight
 * w = min(256, max(0, radius + 256 - d)), value (w * pixel + 128) >> 8.
 *
 * @param image `[height, width]` uint8, white ink on black
 * @param radius in 1/256 pixel, negative for thinner
 * @returns a new image of the same size
 */
export function applyStrokeWidth(image: Uint8Array, size: ImageSize, radius: number): Uint8Array {
  if (radius >= 0) return dilate(image, size, radius);
  const negative = image.map((value) => 255 - value);
  return dilate(negative, size, -radius).map((value) => 255 - value);
}

function dilate(image: Uint8Array, { height, width }: ImageSize, radius: number): Uint8Array {
  const dilated = new Uint8Array(image.length);
  for (const { dx, dy, weight } of neighbours(radius)) {
    const firstX = Math.max(0, -dx);
    const lastX = Math.min(width, width - dx);
    const lastY = Math.min(height, height - dy);
    for (let y = Math.max(0, -dy); y < lastY; y++) {
      for (let x = firstX; x < lastX; x++) {
        const i = y * width + x;
        const value = (weight * image[i + dy * width + dx] + 128) >> 8;
        if (value > dilated[i]) dilated[i] = value;
      }
    }
  }
  return dilated;
}

/** The offsets whose weight is above 0, and their weights in 1/256. */
function neighbours(radius: number): { dx: number; dy: number; weight: number }[] {
  const reach = Math.ceil(radius / 256);
  const found = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const distance = Math.floor(256 * Math.sqrt(dx * dx + dy * dy) + 0.5);
      const weight = Math.min(256, radius + 256 - distance);
      if (weight > 0) found.push({ dx, dy, weight });
    }
  }
  return found;
}
