import type { GreyImage } from '@digits/data';
import { createInkDetector } from './ink-detector.ts';

const SIDE = 96;

function imageOf(width: number, height: number, shade: (x: number, y: number) => number): GreyImage {
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => shade(i % width, Math.floor(i / width)));
  return { width, height, pixels, region: { x: 3, y: 4, width, height } };
}

/** A network whose logits are: the pixel itself, its tile's number. */
function copyingPredictor() {
  const batches: Float32Array[] = [];
  return {
    batches,
    predict: (images: Float32Array) => {
      const firstTile = batches.reduce((sum, { length }) => sum + length / (SIDE * SIDE), 0);
      batches.push(images.slice());
      const logits = new Float32Array(images.length * 2);
      images.forEach((value, i) => {
        logits[2 * i] = value;
        logits[2 * i + 1] = firstTile + Math.floor(i / (SIDE * SIDE));
      });
      return Promise.resolve(logits);
    },
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('createInkDetector', () => {
  it('takes each pixel from the core of one tile', async () => {
    const predictor = copyingPredictor();
    const image = imageOf(200, 90, (x, y) => (x + 3 * y) % 256);
    const planes = await createInkDetector(predictor).detect(image);

    expect([planes.width, planes.height, planes.region]).toEqual([200, 90, image.region]);
    // Looked up in steps of 1/64, where the sigmoid changes by at most 1/4 per unit.
    for (const [x, y] of [
      [0, 0],
      [79, 79],
      [80, 79],
      [160, 80],
      [199, 89],
    ]) {
      const i = y * 200 + x;
      const tile = Math.floor(y / 80) * 3 + Math.floor(x / 80);
      expect(Math.abs(planes.ink[i] - sigmoid(image.pixels[i] / 255))).toBeLessThan(0.003);
      expect(Math.abs(planes.ruling[i] - sigmoid(tile))).toBeLessThan(0.003);
    }
  });

  it('shows the network the neighbours of a core, and the mean beyond the border', async () => {
    const predictor = copyingPredictor();
    const image = imageOf(100, 80, (x) => (x < 50 ? 0 : 102));
    await createInkDetector(predictor).detect(image);

    const [tiles] = predictor.batches;
    const at = (tile: number, x: number, y: number): number => tiles[tile * SIDE * SIDE + y * SIDE + x];
    // Column 0 of the first core is column 8 of its tile; column 80 is the second core's first, and column 88 of the first tile.
    expect([at(0, 8, 8), at(0, 88, 8), at(1, 8, 8), at(1, 0, 8)].map((value) => Math.round(value * 255))).toEqual([
      0, 102, 102, 102,
    ]);
    for (const value of [at(0, 7, 8), at(0, 8, 7), at(0, 8, 88), at(1, 28, 8)]) expect(value).toBeCloseTo(0.2, 6);
  });

  it('runs at most 16 tiles at a time', async () => {
    const predictor = copyingPredictor();
    await createInkDetector(predictor).detect(imageOf(80 * 17, 80, () => 9));
    expect(predictor.batches.map(({ length }) => length / (SIDE * SIDE))).toEqual([16, 1]);
  });

  it('refuses a network of another shape', async () => {
    const detector = createInkDetector({ predict: () => Promise.resolve(new Float32Array(10)) });
    await expect(detector.detect(imageOf(20, 20, () => 0))).rejects.toThrow(
      new RangeError('detect: predict must return 96x96x2 values for each of 1 tiles, got 10 in all'),
    );
  });
});
