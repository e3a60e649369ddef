import { averagePrecisionScore } from '@digits/metrics';
import type { TargetImages } from '../network/training-images.ts';
import { evaluatePixels } from './pixel-evaluation.ts';
import { createPixelModel } from './pixel-model.ts';
import { createSinglePixelEngine, singlePixelNetwork } from './pixel-predictor.fixture.ts';

/** Logits are 10 x - 5 and 5 - 10 x for a pixel x in [0, 1]. */
const WEIGHTS = [
  { name: 'logits/kernel', shape: [1, 1, 1, 2], values: Float32Array.of(10, -10) },
  { name: 'logits/bias', shape: [2], values: Float32Array.of(-5, 5) },
];
const MODEL = createPixelModel(singlePixelNetwork(2, 2, 2), WEIGHTS, { channels: ['bright', 'dark'] });

/** Images of 2x2; `targets` has two values for each pixel. */
function imagesOf(pixels: readonly number[], targets: readonly number[]): TargetImages {
  const shape = { height: 2, width: 2, channels: 1, targetShape: [2, 2, 2] };
  return { images: Uint8Array.from(pixels), targets: Uint8Array.from(targets), count: pixels.length / 4, ...shape };
}

describe('evaluatePixels', () => {
  it('gives figures of each channel, by hand', async () => {
    // Bright is true of 255, 204 and 51; dark of 0 alone, which the network finds.
    const images = imagesOf([255, 204, 102, 51, 0, 0, 0, 0], [255, 0, 128, 0, 127, 0, 200, 0, ...[0, 1, 2, 3].flatMap(() => [0, 255])]); // prettier-ignore
    const [bright, dark] = await evaluatePixels(MODEL, createSinglePixelEngine().engine, images);
    // Ranks of the true ones: 1, 2 and 4, then only false ones.
    expect(bright).toEqual({
      channel: 'bright',
      positiveShare: 3 / 8,
      averagePrecision: expect.closeTo((1 + 1 + 3 / 4) / 3, 12) as number,
      threshold: expect.closeTo(1 / (1 + Math.exp(3)), 3) as number,
      f1: expect.closeTo(6 / 7, 12) as number,
      precision: 3 / 4,
      recall: 1,
    });
    expect(dark).toMatchObject({ channel: 'dark', averagePrecision: 1, f1: 1, precision: 1, recall: 1 });
  });

  it('is close to the exact average precision for calls of any size', async () => {
    let word = 3;
    const draw = (max: number) => Math.floor(((word = (word * 1103515245 + 12345) % 2 ** 31) / 2 ** 31) * max);
    const pixels = Array.from({ length: 45 * 4 }, () => draw(256));
    const isBright = pixels.map((pixel) => Number(pixel + draw(300) > 300));
    const images = imagesOf(
      pixels,
      isBright.flatMap((bright) => [255 * bright, 255 * (1 - bright)]),
    );
    const progress: number[] = [];
    const [bright] = await evaluatePixels(MODEL, createSinglePixelEngine().engine, images, {
      onProgress: (numAnswered) => progress.push(numAnswered),
    });
    expect(bright.averagePrecision).toBeCloseTo(averagePrecisionScore(isBright, pixels), 12);
    expect(progress).toEqual([20, 40, 45]);
  });

  it('counts logits beyond 16 as 16', async () => {
    const steep = createPixelModel(
      singlePixelNetwork(2, 2, 1),
      [
        { name: 'logits/kernel', shape: [1, 1, 1, 1], values: Float32Array.of(1000) },
        { name: 'logits/bias', shape: [1], values: Float32Array.of(-500) },
      ],
      { channels: ['ink'] },
    );
    const images = { ...imagesOf([255, 255, 0, 0], [255, 255, 0, 0]), targetShape: [2, 2, 1] };
    expect(await evaluatePixels(steep, createSinglePixelEngine().engine, images)).toMatchObject([
      { averagePrecision: 1, f1: 1 },
    ]);
  });

  it('disposes of its predictor, after a failure too', async () => {
    const { engine, numAlive } = createSinglePixelEngine();
    const images = imagesOf([1, 2, 3, 4], [0, 0, 0, 0, 0, 0, 0, 0]);
    await evaluatePixels(MODEL, engine, images);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(evaluatePixels(MODEL, engine, images, { signal })).rejects.toThrow('enough');
    expect(numAlive()).toBe(0);
  });

  it('refuses no images, and targets of other channels', async () => {
    const { engine } = createSinglePixelEngine();
    await expect(evaluatePixels(MODEL, engine, imagesOf([], []))).rejects.toThrow(
      new RangeError('evaluatePixels: images must be at least 1, got 0'),
    );
    const one = { ...imagesOf([1, 2, 3, 4], [0, 0, 0, 0]), targetShape: [2, 2, 1] };
    await expect(evaluatePixels(MODEL, engine, one)).rejects.toThrow(
      new RangeError('evaluatePixels: targets must have 2 channels, got 1'),
    );
  });
});
