import { type Architecture, type Weights, weightSpecs } from '@digits/model';
import { randomWeights, smallNetwork, smallPixelNetwork } from '@digits/engine-contract';
import * as tf from '@tensorflow/tfjs-core';
import { toLayersModel } from './layers-model.ts';
import { createTfjsEngine } from './node.ts';

beforeAll(async () => {
  await createTfjsEngine({ backend: 'cpu' });
});

describe('toLayersModel', () => {
  const architecture = smallNetwork(0.5);
  const weights = randomWeights(architecture, 3);

  it('has the architecture as its layers, by name and in order', async () => {
    const model = await toLayersModel(architecture, weights);
    expect(model.layers.map(({ name }) => name)).toEqual(architecture.layers.map(({ name }) => name));
    expect(model.inputs[0].shape).toEqual([null, 12, 11, 1]);
    expect(model.outputs[0].shape).toEqual([null, 5]);
    model.dispose();
  });

  it('is a functional model if a layer takes the output of an earlier one', async () => {
    const pixels = smallPixelNetwork();
    const model = await toLayersModel(pixels, randomWeights(pixels, 4));
    expect(new Set(model.layers.map(({ name }) => name))).toEqual(
      new Set(['input', ...pixels.layers.map(({ name }) => name)]),
    );
    expect(model.inputs[0].shape).toEqual([null, 12, 8, 1]);
    expect(model.outputs[0].shape).toEqual([null, 12, 8, 3]);
    model.dispose();
  });

  it('holds the weights under their roles', async () => {
    const model = await toLayersModel(architecture, weights);
    const specs = weightSpecs(architecture);
    for (const { name } of architecture.layers) {
      const held = model.getLayer(name).getWeights();
      const own = weights.filter((_, i) => specs[i].name.startsWith(`${name}/`));
      expect(held.map((tensor) => tensor.dataSync())).toEqual(own.map(({ values }) => values));
    }
    model.dispose();
  });

  it('gives the logits of a network worked out by hand', async () => {
    // 2x1 image (3, 5) times kernel (2, -1) plus bias 1: 6 - 5 + 1 = 2; dense 2 * (10, -10) + (0, 1)
    const tiny: Architecture = {
      inputShape: [2, 1, 1],
      layers: [
        { type: 'conv2d', name: 'c', filters: 1, kernelSize: [2, 1], strides: [1, 1], padding: 'valid', useBias: true },
        { type: 'relu', name: 'r' },
        { type: 'flatten', name: 'f' },
        { type: 'dense', name: 'd', units: 2, useBias: true },
      ],
    };
    const tinyWeights: Weights = [
      { name: 'c/kernel', shape: [2, 1, 1, 1], values: Float32Array.of(2, -1) },
      { name: 'c/bias', shape: [1], values: Float32Array.of(1) },
      { name: 'd/kernel', shape: [1, 2], values: Float32Array.of(10, -10) },
      { name: 'd/bias', shape: [2], values: Float32Array.of(0, 1) },
    ];
    const model = await toLayersModel(tiny, tinyWeights);
    const logits = tf.tidy(() => (model.predict(tf.tensor4d([3, 5], [1, 2, 1, 1])) as tf.Tensor).dataSync());
    expect(Array.from(logits)).toEqual([20, -19]);
    model.dispose();
  });

  it('keeps a copy of the weights', async () => {
    const mine = randomWeights(architecture, 3);
    const model = await toLayersModel(architecture, mine);
    mine[0].values.fill(7);
    expect(model.getLayer('conv1').getWeights()[0].dataSync()).toEqual(weights[0].values);
    model.dispose();
  });

  it('leaks no tensors once disposed', async () => {
    const before = tf.memory().numTensors;
    (await toLayersModel(architecture, weights)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses weights of another architecture', async () => {
    await expect(toLayersModel(architecture, weights.slice(1))).rejects.toThrow(
      'toLayersModel: weights must have 12 tensors for this architecture, got 11; are they of another architecture?',
    );
  });
});
