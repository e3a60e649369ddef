import { type GreyImage, INK_TILE_CONTEXT, INK_TILE_SIZE, type InkPlanes, portableExp } from '@digits/data';
import type { Predictor } from '@digits/model';

/** Finds ink in images of any size. */
export interface InkDetector {
  /** Returns which pixels are ink and ruling. */
  detect(image: GreyImage): Promise<InkPlanes>;
}

/** A detector, or a function that loads one when the first image is read. */
export type InkSource = InkDetector | (() => Promise<InkDetector>);

/** Side of the inner part of a tile: each pixel of an image is in the core of exactly one tile. */
export const TILE_CORE = INK_TILE_SIZE - 2 * INK_TILE_CONTEXT;

/** The network's outputs per pixel: ink, ruling. */
const NUM_CHANNELS = 2;

/** Tiles per call of the network. */
const BATCH_SIZE = 16;

/**
 * Creates a detector on an ink network. Images are covered with tiles; beyond an image's border is its mean grey.
 *
 * @param predictor `predict` takes `[n, 96, 96, 1]` in [0, 1] and returns `[n, 96, 96, 2]` logits of ink and ruling; the
 * caller disposes of it
 */
export function createInkDetector(predictor: Pick<Predictor, 'predict'>): InkDetector {
  const sigmoids = sigmoidTable();
  return {
    async detect(image) {
      const { width, height } = image;
      const corners = tileCorners(width, height);
      const size = width * height;
      const planes = {
        width,
        height,
        region: image.region,
        ink: new Float32Array(size),
        ruling: new Float32Array(size),
      };
      const beyond = meanOf(image.pixels) / 255;
      for (let start = 0; start < corners.length; start += BATCH_SIZE) {
        const batch = corners.slice(start, start + BATCH_SIZE);
        const tiles = new Float32Array(batch.length * INK_TILE_SIZE * INK_TILE_SIZE).fill(beyond);
        batch.forEach(([x, y], i) => {
          fillTile(tiles.subarray(i * INK_TILE_SIZE * INK_TILE_SIZE), image, x, y);
        });
        const logits = await predictor.predict(tiles);
        const tileSize = INK_TILE_SIZE * INK_TILE_SIZE * NUM_CHANNELS;
        if (logits.length !== batch.length * tileSize) {
          throw new RangeError(
            `detect: predict must return ${INK_TILE_SIZE}x${INK_TILE_SIZE}x${NUM_CHANNELS} values for each of ${batch.length} tiles, got ${logits.length} in all`,
          );
        }
        batch.forEach(([x, y], i) => {
          readCore(planes, logits.subarray(i * tileSize, (i + 1) * tileSize), sigmoids, x, y);
        });
      }
      return planes;
    },
  };
}

/** Number of tiles that cover an image. */
export function numTiles(width: number, height: number): number {
  return Math.ceil(width / TILE_CORE) * Math.ceil(height / TILE_CORE);
}

/** Returns the upper left corner of each tile's core. */
function tileCorners(width: number, height: number): (readonly [x: number, y: number])[] {
  const corners: (readonly [number, number])[] = [];
  for (let y = 0; y < height; y += TILE_CORE) for (let x = 0; x < width; x += TILE_CORE) corners.push([x, y]);
  return corners;
}

function meanOf(pixels: Uint8Array): number {
  return pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
}

/** Copies the part of the image that a tile covers; the rest of the tile keeps its values. */
function fillTile(tile: Float32Array, { width, height, pixels }: GreyImage, x: number, y: number): void {
  const [left, right] = [Math.max(0, x - INK_TILE_CONTEXT), Math.min(width, x + TILE_CORE + INK_TILE_CONTEXT)];
  const bottom = Math.min(height, y + TILE_CORE + INK_TILE_CONTEXT);
  for (let row = Math.max(0, y - INK_TILE_CONTEXT); row < bottom; row++) {
    const target = (row - y + INK_TILE_CONTEXT) * INK_TILE_SIZE + INK_TILE_CONTEXT - x;
    for (let column = left; column < right; column++) {
      tile[target + column] = pixels[row * width + column] / 255;
    }
  }
}

function readCore(planes: InkPlanes, logits: Float32Array, sigmoids: Float32Array, x: number, y: number): void {
  const right = Math.min(planes.width, x + TILE_CORE);
  const bottom = Math.min(planes.height, y + TILE_CORE);
  for (let row = y; row < bottom; row++) {
    for (let column = x; column < right; column++) {
      const i = row * planes.width + column;
      const j = ((row - y + INK_TILE_CONTEXT) * INK_TILE_SIZE + column - x + INK_TILE_CONTEXT) * NUM_CHANNELS;
      planes.ink[i] = lookUp(sigmoids, logits[j]);
      planes.ruling[i] = lookUp(sigmoids, logits[j + 1]);
    }
  }
}

/** Sigmoids are looked up: 13,000 exponentials per tile would take as long as the network. */
const SIGMOID_RANGE = 12;
const SIGMOID_STEPS_PER_UNIT = 64;

function sigmoidTable(): Float32Array {
  return Float32Array.from(
    { length: 2 * SIGMOID_RANGE * SIGMOID_STEPS_PER_UNIT + 1 },
    (_, i) => 1 / (1 + portableExp(SIGMOID_RANGE - i / SIGMOID_STEPS_PER_UNIT)),
  );
}

function lookUp(sigmoids: Float32Array, logit: number): number {
  const position = (logit + SIGMOID_RANGE) * SIGMOID_STEPS_PER_UNIT + 0.5;
  return sigmoids[position <= 0 ? 0 : position >= sigmoids.length ? sigmoids.length - 1 : position | 0];
}
