import { evaluatePixels } from '../answers/pixel-evaluation.ts';
import { createSinglePixelEngine, singlePixelNetwork } from '../answers/pixel-predictor.fixture.ts';
import { decodePixelModel, encodeModel } from '../file/model-file.ts';
import type { TargetImages } from '../network/training-images.ts';
import { hashWeights, roundWeights } from '../network/weight-bytes.ts';
import { finishPixelTraining } from './pixel-finishing.ts';
import { presetConfig } from './presets.ts';

const ARCHITECTURE = singlePixelNetwork(2, 2, 2);
const CONFIG = {
  ...presetConfig('ink', { seed: 3, validationSize: 2, precision: 'float16' }),
  architecture: ARCHITECTURE,
};
const WEIGHTS = [
  { name: 'logits/kernel', shape: [1, 1, 1, 2], values: Float32Array.of(10, -9.9999) },
  { name: 'logits/bias', shape: [2], values: Float32Array.of(-5, 5) },
];
const CHANNELS = ['bright', 'dark'];

function pagesOf(pixels: readonly number[], limit: number): TargetImages {
  const targets = Uint8Array.from(pixels.flatMap((pixel) => (pixel > limit ? [255, 0] : [0, 255])));
  const shape = { height: 2, width: 2, channels: 1, targetShape: [2, 2, 2] };
  return { images: Uint8Array.from(pixels), targets, count: pixels.length / 4, ...shape };
}

const NETWORK = {
  config: CONFIG,
  weights: WEIGHTS,
  engine: createSinglePixelEngine().engine,
  channels: CHANNELS,
  pages: {
    validation: pagesOf([0, 100, 120, 200, 10, 180, 140, 90], 130),
    trainingKinds: pagesOf([5, 50, 70, 250, 11, 181, 141, 91], 60),
  },
};

describe('finishPixelTraining', () => {
  it('gives a model that knows its run, with rounded weights and the hash of the trained ones', async () => {
    const { model, figures } = await finishPixelTraining(NETWORK);
    expect(model.metadata).toEqual({
      preset: 'ink',
      seed: 3,
      validationSize: 2,
      pages: { count: 32_000 },
      channels: CHANNELS,
      figures,
      weightsSha256: hashWeights(WEIGHTS),
    });
    expect(model.weights).toEqual(roundWeights(WEIGHTS, 'float16'));
    expect(model.weights).not.toEqual(WEIGHTS);
  });

  it('measures the rounded network on both sets of pages', async () => {
    const { model, figures } = await finishPixelTraining(NETWORK);
    const { validation, trainingKinds } = NETWORK.pages;
    expect(figures).toEqual({
      count: 2,
      validation: await evaluatePixels(model, NETWORK.engine, validation),
      trainingKinds: await evaluatePixels(model, NETWORK.engine, trainingKinds),
    });
    expect(figures.validation.map(({ channel, f1 }) => [channel, f1])).toEqual([
      ['bright', 1],
      ['dark', 1],
    ]);
  });

  it('gives what the file gives when it is read', async () => {
    const { model } = await finishPixelTraining(NETWORK);
    expect(decodePixelModel(encodeModel(model, { precision: 'float16' }))).toEqual(model);
  });
});
