import { type Architecture, createModel, decodeModel, encodeModel, numClassesOf } from '@digits/model';
import { randomWeights, relativeDifference, smallNetwork } from '@digits/engine-contract';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { createTfjsEngine } from './node.ts';

const TEMPERATURE = 1.7;
const NUM_IMAGES = 9;

/** What `smallNetwork` lacks: biases, other paddings and strides, global pooling, batch normalisation of vectors. */
const OTHER_LAYERS: Architecture = {
  inputShape: [9, 10, 2],
  layers: [
    { type: 'conv2d', name: 'c', filters: 3, kernelSize: [2, 3], strides: [2, 1], padding: 'same', useBias: true },
    { type: 'maxPooling2d', name: 'p', poolSize: [3, 2], strides: [1, 2], padding: 'same' },
    { type: 'globalAveragePooling2d', name: 'g' },
    { type: 'dense', name: 'h', units: 7, useBias: false },
    { type: 'batchNormalization', name: 'b', momentum: 0.9, epsilon: 1e-2 },
    { type: 'relu', name: 'r' },
    { type: 'dense', name: 'logits', units: 4, useBias: true },
  ],
};

/** What a program that knows TensorFlow.js only makes of the two files. */
async function predictWithPlainTensorFlow(
  modelJson: string,
  weightsBin: Uint8Array,
  images: Float32Array,
  inputShape: readonly number[],
): Promise<Float32Array> {
  const { modelTopology, weightsManifest } = JSON.parse(modelJson) as {
    modelTopology: object;
    weightsManifest: [{ weights: tf.io.WeightsManifestEntry[] }];
  };
  const model = await loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      weightData: weightsBin.slice().buffer,
    }),
  );
  const probabilities = tf.tidy(() => {
    const batch = tf.tensor(images.slice(), [NUM_IMAGES, ...inputShape]);
    return (model.predict(batch) as tf.Tensor).dataSync<'float32'>().slice();
  });
  model.dispose();
  return probabilities;
}

function softmax(logits: Float32Array, numClasses: number): number[] {
  return Array.from({ length: logits.length / numClasses }, (_, row) => {
    const powers = Array.from(logits.subarray(row * numClasses, (row + 1) * numClasses), (logit) =>
      Math.exp(logit / TEMPERATURE),
    );
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  }).flat();
}

describe('a model file in plain TensorFlow.js', () => {
  describe.each([
    ['a small network', smallNetwork(0.4)],
    ['the other layers', OTHER_LAYERS],
  ])('of %s', (_, architecture) => {
    it.each(['float32', 'float16', 'uint8'] as const)(
      'gives the calibrated probabilities of this engine, %s',
      async (precision) => {
        const engine = await createTfjsEngine({ backend: 'cpu' });
        const model = createModel(architecture, randomWeights(architecture, 8), { temperature: TEMPERATURE });
        const files = encodeModel(model, { precision });
        const { inputShape } = architecture;
        const size = inputShape[0] * inputShape[1] * inputShape[2];
        const images = Float32Array.from({ length: NUM_IMAGES * size }, (_, i) => ((i * 7) % 256) / 255);

        const predictor = await engine.createPredictor(architecture, decodeModel(files).weights);
        const logits = await predictor.predict(images);
        await predictor.dispose();
        const plain = await predictWithPlainTensorFlow(files.modelJson, files.weightsBin, images, inputShape);

        expect(plain).toHaveLength(NUM_IMAGES * numClassesOf(architecture));
        expect(relativeDifference(plain, softmax(logits, numClassesOf(architecture)))).toBeLessThan(1e-5);
      },
    );
  });
});
