import { createClassifier } from '@digits/model';
import { importModel, type NamedFile } from '@digits/model/import';
import { randomTrainingImages } from '@digits/engine-contract';
import { normaliseImages } from '@digits/data';
import * as tf from '@tensorflow/tfjs-core';
import { io } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { createTfjsEngine } from './node.ts';

jest.setTimeout(120_000);

/** The files of a model as TensorFlow.js saves it, its weights cut into two. */
async function saved(model: LayersModel): Promise<readonly NamedFile[]> {
  const files: NamedFile[] = [];
  const handler = io.withSaveHandler((artifacts) => {
    const bytes = new Uint8Array(artifacts.weightData as ArrayBuffer);
    const middle = 2 * Math.floor(bytes.length / 4);
    const paths = ['group1-shard1of2.bin', './group1-shard2of2.bin'];
    const json = {
      format: 'layers-model',
      generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
      modelTopology: artifacts.modelTopology,
      weightsManifest: [{ paths, weights: artifacts.weightSpecs }],
    };
    files.push(
      { name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) },
      { name: 'group1-shard1of2.bin', bytes: bytes.slice(0, middle) },
      { name: 'group1-shard2of2.bin', bytes: bytes.slice(middle) },
    );
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } });
  });
  await model.save(handler);
  return files;
}

/** Weights as after some training. */
function shake(model: LayersModel): void {
  model.setWeights(
    model
      .getWeights()
      .map((weight, i) =>
        tf.tidy(() => tf.abs(tf.add(weight, tf.randomUniform(weight.shape, -0.1, 0.3, 'float32', i + 1)))),
      ),
  );
}

const small = { kernelSize: 3, padding: 'same' } as const;
const MODELS: readonly (readonly [title: string, build: () => readonly ReturnType<typeof layers.dense>[]])[] = [
  [
    'fused activations, pooling, and a softmax at the end',
    () => [
      layers.conv2d({ inputShape: [9, 8, 2], filters: 5, activation: 'relu', ...small }),
      layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 6, activation: 'relu' }),
      layers.dense({ units: 4, activation: 'softmax' }),
    ],
  ],
  [
    'depthwise and separable convolutions',
    () => [
      layers.depthwiseConv2d({ inputShape: [9, 8, 3], depthMultiplier: 2, strides: 2, useBias: true, ...small }),
      layers.reLU(),
      layers.separableConv2d({ filters: 5, depthMultiplier: 2, activation: 'relu', ...small }),
      layers.separableConv2d({ filters: 4, useBias: false, ...small }),
      layers.globalAveragePooling2d({}),
      layers.softmax(),
    ],
  ],
  [
    'zero padding, and batch normalisation without scale or centre',
    () => [
      layers.zeroPadding2d({ inputShape: [9, 8, 1], padding: [[1, 2], [0, 3]] }), // prettier-ignore
      layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, useBias: false }),
      layers.batchNormalization({ scale: false }),
      layers.activation({ activation: 'relu' }),
      layers.conv2d({ filters: 4, kernelSize: [2, 3], useBias: false }),
      layers.batchNormalization({ center: false, epsilon: 0.01 }),
      layers.flatten(),
      layers.dense({ units: 3 }),
      layers.batchNormalization({ scale: false, center: false }),
      layers.activation({ activation: 'softmax' }),
    ],
  ],
] as never;

describe('importModel of TensorFlow.js layers models', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each(MODELS)('gives the probabilities of TensorFlow.js: %s', async (_, build) => {
    const source = sequential({ layers: [...build()] as never });
    shake(source);
    const model = await importModel(await saved(source));
    const { architecture } = model;
    const images = normaliseImages(randomTrainingImages(architecture, 4, 3).images);
    const expected = (source.predict(tf.tensor4d(images, [4, ...architecture.inputShape])) as tf.Tensor).dataSync();
    const classifier = await createClassifier(model, await createTfjsEngine({ backend: 'cpu' }));
    try {
      const probabilities = await classifier.probabilities(images);
      expect(probabilities).toHaveLength(expected.length);
      expect(Math.max(...probabilities.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
      expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.01);
    } finally {
      await classifier.dispose();
    }
  });

  it('names the layer and the activation that it cannot read', async () => {
    const source = sequential({
      layers: [
        layers.conv2d({ inputShape: [5, 5, 1], name: 'stem', filters: 2, activation: 'swish', ...small }),
        layers.flatten(),
        layers.dense({ units: 3 }),
      ],
    });
    await expect(saved(source).then(importModel)).rejects.toThrow(
      'importModel: layer "stem" (Conv2D) must be one that can be read, got the activation swish; ' +
        'relu and linear can be read, and softmax in the last layer',
    );
  });

  it('names the file of weights that is missing', async () => {
    const source = sequential({ layers: [layers.flatten({ inputShape: [4, 4, 1] }), layers.dense({ units: 2 })] });
    const files = await saved(source);
    await expect(importModel(files.slice(0, 2))).rejects.toThrow(
      'the file group1-shard2of2.bin of the weights must be there too',
    );
  });
});
