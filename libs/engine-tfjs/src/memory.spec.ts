import type { Engine, OptimizerSettings } from '@digits/model';
import {
  planOf,
  randomDataset,
  randomTargets,
  randomWeights,
  sessionSettings,
  smallNetwork,
  smallPixelNetwork,
} from '@digits/engine-contract';
import * as tf from '@tensorflow/tfjs-core';
import { createTfjsEngine } from './node.ts';

// the cpu backend takes its time over gradients
jest.setTimeout(300_000);

const ARCHITECTURE = smallNetwork(0.3);
const DATASET = randomDataset(ARCHITECTURE, 20, 1);
const WEIGHTS = randomWeights(ARCHITECTURE, 2);
const ADAMW: OptimizerSettings = { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.1 };
const SETTINGS = sessionSettings(ARCHITECTURE, { optimizer: ADAMW, averageWeights: true, labelSmoothing: 0.1 });

/** A network with upsampling and additions, which answers for pixels. */
const PIXEL_ARCHITECTURE = smallPixelNetwork();
const PIXEL_DATASET = randomTargets(PIXEL_ARCHITECTURE, 6, 3);

describe.each(['cpu', 'wasm'] as const)('tensors held on %s', (backend) => {
  let engine: Engine;
  let before: number;
  const held = (): number => tf.memory().numTensors - before;

  beforeAll(async () => {
    engine = await createTfjsEngine({ backend });
  });
  beforeEach(() => {
    before = tf.memory().numTensors;
  });

  it('are the weights, their averages and the optimizer memory of a session, from first step to last', async () => {
    const session = await engine.createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
    // 12 weights and their averages, and two slots for each of the 8 trainable ones
    const numTensors = 2 * 12 + 2 * 8;
    expect(held()).toBe(numTensors);
    for (let epoch = 0; epoch < 2; epoch++) {
      await session.trainSteps(planOf([8, 8, 4], DATASET.count, { epoch, firstStep: 3 * epoch }));
      expect(held()).toBe(numTensors);
      await session.evaluate(DATASET.images, 'averaged');
      await session.setState(await session.getState());
      expect(held()).toBe(numTensors);
    }
    await session.dispose();
    expect(held()).toBe(0);
  });

  it('do not grow with calls that are refused or cut short', async () => {
    const session = await engine.createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
    const atRest = held();
    await expect(session.trainSteps(planOf([17], DATASET.count))).rejects.toThrow('batchSizes');
    expect(held()).toBe(atRest);
    const cutShort = Promise.allSettled([session.trainSteps(planOf([8, 8, 4], DATASET.count))]);
    await session.dispose();
    await cutShort;
    expect(held()).toBe(0);
  });

  it('are the same after any number of predictions, and none once the predictor is disposed of', async () => {
    const predictor = await engine.createPredictor(ARCHITECTURE, WEIGHTS);
    await predictor.predict(new Float32Array(12 * 11));
    const atRest = held();
    for (const count of [0, 1, 300]) await predictor.predict(new Float32Array(count * 12 * 11));
    await predictor.activations(new Float32Array(12 * 11));
    expect(held()).toBe(atRest);
    await predictor.dispose();
    expect(held()).toBe(0);
  });

  it('are as many for a network that answers for pixels, from first step to last', async () => {
    const settings = sessionSettings(PIXEL_ARCHITECTURE, { optimizer: ADAMW, averageWeights: true });
    const session = await engine.createTrainingSession(PIXEL_ARCHITECTURE, settings, PIXEL_DATASET);
    // 5 kernels with 4 weights of a batch normalisation each, the last kernel and its bias, and their averages; two slots for each of the 17 trainable ones
    const numTensors = 2 * 27 + 2 * 17;
    expect(held()).toBe(numTensors);
    for (let epoch = 0; epoch < 2; epoch++) {
      await session.trainSteps(planOf([3, 3], PIXEL_DATASET.count, { epoch, firstStep: 2 * epoch }));
      expect(held()).toBe(numTensors);
      await session.evaluate(PIXEL_DATASET.images, 'current');
      expect(held()).toBe(numTensors);
    }
    await session.dispose();
    expect(held()).toBe(0);
  });

  it('are the same after any number of predictions for pixels, and none once the predictor is disposed of', async () => {
    const weights = randomWeights(PIXEL_ARCHITECTURE, 2);
    const predictor = await engine.createPredictor(PIXEL_ARCHITECTURE, weights);
    await predictor.predict(new Float32Array(12 * 8));
    const atRest = held();
    for (const count of [0, 1, 5]) await predictor.predict(new Float32Array(count * 12 * 8));
    await predictor.activations(new Float32Array(12 * 8));
    expect(held()).toBe(atRest);
    await predictor.dispose();
    expect(held()).toBe(0);
  });
});
