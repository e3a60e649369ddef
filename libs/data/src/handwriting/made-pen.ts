import { IMAGE_SIZE } from '../pictures/placement.ts';
import type { Stroke } from '../strokes/stroke.ts';
import { strokesToPixels } from '../strokes/strokes-to-image.ts';
import type { RandomStream } from './random-stream.ts';

/** Stroke widths in final pixels: nine in ten of MNIST's lie between these. */
const PEN_WIDTHS = [1.7, 3.8] as const;

/** How much of a pixel comes from its neighbours, at most. */
const MOST_BLUR = 0.7;

/** Factor on the ink's level: faint ink stays grey, firm ink is cut off at white, which makes its edges hard. */
const GAIN = [0.75, 1.5] as const;

/** How much of a pixel's ink the paper's grain keeps off, at most. */
const MOST_GRAIN = 0.35;

/**
 * Draws strokes with a pen of another width, blurred, faint or grainy, as scanned digits look once they are 28x28.
 *
 * @returns `[28, 28]` uint8, white on black
 */
export function drawWithOwnPen(random: RandomStream, strokes: readonly Stroke[]): Uint8Array {
  const drawn = strokesToPixels(strokes, random.between(PEN_WIDTHS));
  const share = random.chance(0.5) ? random.between([0, MOST_BLUR]) : 0;
  const gain = random.between(GAIN);
  const grain = random.chance(0.4) ? random.between([0, MOST_GRAIN]) : 0;
  const image = new Uint8Array(drawn.length);
  for (let i = 0; i < drawn.length; i++) {
    if (share === 0 && drawn[i] === 0) continue;
    const mixed = (1 - share) * drawn[i] + share * meanOfNeighbours(drawn, i);
    const kept = grain === 0 ? mixed : mixed * (1 - grain * (random.word() / 2 ** 32));
    image[i] = Math.min(255, Math.round(kept * gain));
  }
  return image;
}

/** Of the pixel and the eight around it; beyond the border there is no ink. */
function meanOfNeighbours(pixels: Uint8Array, at: number): number {
  const [row, column] = [Math.floor(at / IMAGE_SIZE), at % IMAGE_SIZE];
  let sum = 0;
  for (let y = Math.max(0, row - 1); y <= Math.min(IMAGE_SIZE - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(IMAGE_SIZE - 1, column + 1); x++) {
      sum += pixels[y * IMAGE_SIZE + x];
    }
  }
  return sum / 9;
}
