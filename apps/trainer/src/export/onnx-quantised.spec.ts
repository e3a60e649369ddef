import { normaliseImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  layerCases,
  randomTrainingImages,
  randomWeights,
  referenceEngine,
  relativeDifference,
} from '@digits/engine-contract';
import { type Architecture, createModel, mostProbableClasses, shapeSize } from '@digits/model';
import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import { decodeOnnx } from './onnx-format.ts';
import { encodeOnnxModel } from './onnx-model.ts';
import { encodeQuantisedOnnxModel } from './onnx-quantised.ts';
import { runOnnx } from '../testing/onnx-runtime.ts';

jest.setTimeout(240_000);

const NUM_TEST = 1000;
const engine = createSimdEngine({ threads: 1 });

/** Types of the operators of a model, and of its weights. */
function contentOf(bytes: Uint8Array) {
  const { node, initializer } = decodeOnnx(bytes).graph as {
    node: { opType: string; name: string; input: string[] }[];
    initializer: { name: string; dataType: number; dims?: number[] }[];
  };
  return { node, initializer };
}

describe('encodeQuantisedOnnxModel', () => {
  it('keeps the accuracy of the bundled model in onnxruntime, within 0.2 points on 1,000 test images', async () => {
    const model = await loadModel(pretrainedModelDirectory());
    const training = normaliseImages((await loadSplit('mnist', 'train')).images.slice(0, 100 * 784));
    const test = await loadSplit('mnist', 'test');
    const images = normaliseImages(test.images.slice(0, NUM_TEST * 784));
    const inputShape = [28, 28, 1];
    const quantised = await encodeQuantisedOnnxModel(model, engine, training);
    const float = encodeOnnxModel(model);
    expect(quantised.length).toBeLessThan(float.length / 3);
    const outputs = await runOnnx([quantised, float].map((onnx) => ({ onnx, inputShape, images })));
    if (outputs === null) return;
    const [accuracy, expected] = outputs.map(({ probabilities }) => {
      const answers = mostProbableClasses(Float32Array.from(probabilities.data), 10);
      return answers.reduce((sum, answer, i) => sum + (answer === test.labels[i] ? 1 : 0), 0) / NUM_TEST;
    });
    expect(Math.abs(accuracy - expected)).toBeLessThanOrEqual(0.002);
    expect(expected).toBeGreaterThan(0.99);
    // Fewer steps than float32 has: the same probabilities would mean that nothing was quantised.
    expect(relativeDifference(outputs[0].logits.data, outputs[1].logits.data)).toBeGreaterThan(1e-4);
  });

  it('gives logits near those of the reference for every kind of layer', async () => {
    const cases = layerCases();
    const runs = await Promise.all(
      cases.map(async ({ architecture }) => {
        const images = normaliseImages(randomTrainingImages(architecture, 8, 4).images);
        const model = createModel(architecture, randomWeights(architecture, 5));
        return {
          onnx: await encodeQuantisedOnnxModel(model, engine, images),
          inputShape: architecture.inputShape,
          images,
        };
      }),
    );
    const outputs = await runOnnx(runs);
    if (outputs === null) return;
    for (const [i, { title, architecture }] of cases.entries()) {
      const predictor = await referenceEngine.createPredictor(architecture, randomWeights(architecture, 5));
      const difference = relativeDifference(outputs[i].logits.data, await predictor.predict(runs[i].images));
      // A step of uint8 is 1/255 of a layer's range, and there are a few layers.
      expect({ title, agrees: difference < 0.05, difference }).toMatchObject({ title, agrees: true });
    }
  });

  it('stores every kernel as uint8 with a scale for each output channel, and folds the batch normalisation', async () => {
    const architecture: Architecture = {
      inputShape: [6, 6, 1],
      layers: [
        {
          type: 'conv2d',
          name: 'conv',
          filters: 3,
          kernelSize: [3, 3],
          strides: [1, 1],
          padding: 'valid',
          useBias: false,
        },
        { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 },
        { type: 'relu', name: 'relu' },
        { type: 'flatten', name: 'flatten' },
        { type: 'dense', name: 'logits', units: 4, useBias: true },
      ],
    };
    const model = createModel(architecture, randomWeights(architecture, 5));
    const images = new Float32Array(2 * shapeSize(architecture.inputShape)).fill(0.5);
    const { node, initializer } = contentOf(await encodeQuantisedOnnxModel(model, engine, images));
    const [UINT8, INT32] = [2, 6];
    const kernels = initializer.filter(({ name }) => name.endsWith('/kernel'));
    expect(kernels.map(({ name, dataType }) => [name, dataType])).toEqual([
      ['conv/kernel', UINT8],
      ['logits/kernel', UINT8],
    ]);
    expect(initializer.filter(({ name }) => name.endsWith('/bias')).map(({ dataType }) => dataType)).toEqual([
      INT32,
      INT32,
    ]);
    expect(initializer.find(({ name }) => name === 'conv/kernel/scale')?.dims).toEqual([3]);
    expect(initializer.find(({ name }) => name === 'logits/kernel/scale')?.dims).toEqual([4]);
    const types = node.map(({ opType }) => opType);
    expect(types).not.toContain('BatchNormalization');
    // The image, the output of the ReLU, and the same values flattened.
    expect(types.filter((type) => type === 'QuantizeLinear')).toHaveLength(3);
  });
});
