import {
  boxOfStrokes,
  createPlane,
  drawStrokes,
  IMAGE_SIZE,
  type Plane,
  type RandomStream,
  type Stroke,
  type StrokePoint,
  strokesToPixels,
  uniformFromWord,
} from '@digits/data';

/** The digit's longer side in pixels: as scanned forms and small photographs have it. */
const DIGIT_SIZE = [22, 48] as const;

/** Paper around the digit, as a share of its longer side. */
const MARGIN = [0.12, 0.45] as const;

/** Half the pen's width as a share of the digit's longer side: a fine pencil to a marker. */
const PEN_RADIUS = [0.018, 0.075] as const;

/** The finest pen covers a pixel, or noise would drown it. */
const LEAST_RADIUS = 0.6;

/** How much of the ink the paper's grain can keep off, at most: pencil and chalk. */
const MOST_PAPER_GRAIN = 0.4;

/**
 * Draws the ink of strokes on paper, as it is found in a scan or a photo: pen of any width, pressure, pencil grain, blur.
 *
 * @returns `[height, width]` in [0, 1], about 30 to 90 pixels a side
 */
export function drawInk(random: RandomStream, strokes: readonly Stroke[]): Plane {
  const size = random.uniform(...DIGIT_SIZE);
  const radius = Math.max(LEAST_RADIUS, size * random.uniform(...PEN_RADIUS));
  const { x: left, y: top, width: inkWidth, height: inkHeight } = boxOfStrokes(strokes);
  const scale = size / Math.max(inkWidth, inkHeight, 1);
  const margins = [0, 1, 2, 3].map(() => radius + 1 + size * random.uniform(...MARGIN));
  const width = Math.ceil(inkWidth * scale + margins[0] + margins[1]);
  const height = Math.ceil(inkHeight * scale + margins[2] + margins[3]);
  const move = ([x, y, ...pressure]: StrokePoint): StrokePoint => [
    (x - left) * scale + margins[0],
    (y - top) * scale + margins[2],
    ...pressure,
  ];
  const drawn = strokes.map((stroke) => stroke.map(move));
  const penRadius = ([, , pressure]: StrokePoint): number =>
    radius * (pressure === undefined ? 1 : 0.6 + 0.65 * pressure);
  const ink = drawStrokes(drawn, width, height, penRadius);
  const grain = random.chance(0.4) ? random.uniform(0, MOST_PAPER_GRAIN) : 0;
  const bytes = random.chance(0.4) ? blur(ink, width, height) : ink;
  const plane = createPlane(width, height);
  for (let i = 0; i < bytes.length; i++) {
    plane.values[i] = (bytes[i] / 255) * (grain === 0 ? 1 : 1 - grain * uniformFromWord(random.word()));
  }
  return plane;
}

/** A box of 3 by 3 pixels; the border, where there is no ink, is left. */
function blur(ink: Uint8Array, width: number, height: number): Uint8Array {
  const blurred = ink.slice();
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let sum = 0;
      for (let dy = -width; dy <= width; dy += width) {
        const i = y * width + x + dy;
        sum += ink[i - 1] + ink[i] + ink[i + 1];
      }
      blurred[y * width + x] = Math.round(sum / 9);
    }
  }
  return blurred;
}

/** Stroke widths in final pixels: nine in ten of MNIST's are between these. */
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
  const drawn = strokesToPixels(strokes, random.uniform(...PEN_WIDTHS));
  const share = random.chance(0.5) ? random.uniform(0, MOST_BLUR) : 0;
  const gain = random.uniform(...GAIN);
  const grain = random.chance(0.4) ? random.uniform(0, MOST_GRAIN) : 0;
  const image = new Uint8Array(drawn.length);
  for (let i = 0; i < drawn.length; i++) {
    if (share === 0 && drawn[i] === 0) continue;
    const mixed = (1 - share) * drawn[i] + share * meanOfNeighbours(drawn, i);
    const kept = grain === 0 ? mixed : mixed * (1 - grain * (random.word() / 2 ** 32));
    image[i] = Math.min(255, Math.round(kept * gain));
  }
  return image;
}

/** Returns the mean of the pixel and the eight around it; beyond the border there is no ink. */
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
