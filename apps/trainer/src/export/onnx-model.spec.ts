import { normaliseImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  type Architecture,
  createClassifier,
  createModel,
  createPixelModel,
  hashWeights,
  inferShapes,
  initialWeights,
  type Layer,
  type Model,
  numClassesOf,
  PRESET_NAMES,
  presetConfig,
  type Weights,
} from '@digits/model';
import {
  layerCases,
  pixelCases,
  randomTrainingImages,
  randomWeights,
  referenceEngine,
  relativeDifference,
  smallPixelNetwork,
} from '@digits/engine-contract';
import { decodeOnnx } from './onnx-format.ts';
import { type Outputs, runOnnx } from '../testing/onnx-runtime.ts';
import { encodeOnnxModel } from './onnx-model.ts';

jest.setTimeout(120_000);

/** A network with drawn weights whose batch norms have moved, that is far from certain. */
function modelOf(architecture: Architecture, numClasses: number): Model {
  const weights = initialWeights(architecture, 3).map((tensor) => ({
    ...tensor,
    values: tensor.values.map((value, i) =>
      tensor.name.includes('kernel')
        ? value
        : tensor.name.includes('variance')
          ? 0.5 + (i % 7) / 5
          : ((i % 11) - 5) / 20 + value,
    ),
  }));
  const classNames = Array.from({ length: numClasses }, (_, label) => `class ${label}`);
  return createModel(architecture, weights, { classNames, temperature: 1.7, preset: 'fast', seed: 3 });
}

/** What has a value for each feature of a flattened image, which ONNX has in another order. */
const flattened: Model = modelOf(
  {
    inputShape: [28, 28, 1],
    layers: [
      {
        type: 'conv2d',
        name: 'conv',
        filters: 3,
        kernelSize: [5, 4],
        strides: [4, 5],
        padding: 'valid',
        useBias: true,
      },
      { type: 'flatten', name: 'flatten' },
      { type: 'batchNormalization', name: 'norm', momentum: 0.9, epsilon: 1e-3 },
      { type: 'relu', name: 'relu' },
      { type: 'dropout', name: 'dropout', rate: 0.5 },
      { type: 'dense', name: 'last', units: 3, useBias: true },
    ],
  },
  3,
);
const pool = { type: 'maxPooling2d', poolSize: [3, 2], strides: [2, 2], padding: 'same' } as const;
const MODELS: [string, Model][] = [
  ...PRESET_NAMES.map((name): [string, Model] => {
    const { architecture } = presetConfig(name);
    return [`the preset ${name}`, modelOf(architecture, Math.min(10, numClassesOf(architecture)))];
  }),
  ['eleven outputs for ten classes', modelOf(presetConfig('fast', { numClasses: 11 }).architecture, 10)],
  ['layers behind a flattened image', flattened],
  [
    'every other layer and padding',
    modelOf(
      {
        inputShape: [28, 28, 1],
        layers: [
          {
            type: 'conv2d',
            name: 'logits',
            filters: 5,
            kernelSize: [4, 3],
            strides: [2, 1],
            padding: 'same',
            useBias: true,
          },
          { ...pool, name: 'pool' },
          { type: 'globalAveragePooling2d', name: 'mean' },
          { type: 'dense', name: 'hidden', units: 6, useBias: false },
          { type: 'batchNormalization', name: 'norm', momentum: 0.9, epsilon: 1e-3 },
          { type: 'dense', name: 'last', units: 3, useBias: true },
        ],
      },
      3,
    ),
  ],
];

let images: Float32Array;

beforeAll(async () => {
  images = normaliseImages((await loadSplit('mnist', 'test')).images.slice(0, 20 * 784));
});

interface NetworkCase {
  readonly title: string;
  readonly architecture: Architecture;
}

/** Runs each network on 3 images in onnxruntime and in the reference; returns the outputs, or null if it is not installed. */
async function expectLogitsOfReference(
  cases: readonly NetworkCase[],
  encode: (architecture: Architecture, weights: Weights) => Uint8Array,
): Promise<readonly Outputs[] | null> {
  const runs = cases.map(({ architecture }) => {
    const given = normaliseImages(randomTrainingImages(architecture, 3, 4).images);
    const onnx = encode(architecture, randomWeights(architecture, 5));
    return { onnx, inputShape: architecture.inputShape, images: given };
  });
  const outputs = await runOnnx(runs);
  if (outputs === null) return null;
  for (const [i, { title, architecture }] of cases.entries()) {
    const { dims, data } = outputs[i].logits;
    expect({ title, dims }).toEqual({ title, dims: [3, ...inferShapes(architecture)[architecture.layers.length - 1]] });
    const predictor = await referenceEngine.createPredictor(architecture, randomWeights(architecture, 5));
    const difference = relativeDifference(data, await predictor.predict(runs[i].images));
    expect({ title, agrees: difference < 1e-4, difference }).toMatchObject({ title, agrees: true });
    await predictor.dispose();
  }
  return outputs;
}

describe('encodeOnnxModel', () => {
  it.each(MODELS)('gives onnxruntime the same probabilities, for any number of images: %s', async (_, model) => {
    const classifier = await createClassifier(model, createSimdEngine({ threads: 1 }));
    try {
      const expected = await classifier.probabilities(images);
      const numClasses = model.metadata.classNames.length;
      const counts = [20, 1];
      const onnx = encodeOnnxModel(model);
      const inputShape = [28, 28, 1];
      const runs = await runOnnx(counts.map((count) => ({ onnx, inputShape, images: images.slice(0, count * 784) })));
      if (runs === null) return;
      for (const [i, outputs] of runs.entries()) {
        const count = counts[i];
        expect(outputs.probabilities.dims).toEqual([count, numClasses]);
        expect(outputs.logits.dims).toEqual([count, numClassesOf(model.architecture)]);
        const differences = outputs.probabilities.data.map((value, i) => Math.abs(value - expected[i]));
        expect(Math.max(...differences)).toBeLessThan(1e-5);
      }
    } finally {
      await classifier.dispose();
    }
  });

  it('gives onnxruntime the logits of the reference for every kind of layer', async () => {
    await expectLogitsOfReference(layerCases(), (architecture, weights) =>
      encodeOnnxModel(createModel(architecture, weights)),
    );
  });

  it('turns images round once, at the input', () => {
    const { node } = decodeOnnx(encodeOnnxModel(flattened)).graph as { node: { opType: string }[] };
    expect(node.map(({ opType }) => opType)).toEqual([
      ...['Transpose', 'Conv', 'Flatten', 'BatchNormalization', 'Relu', 'Gemm'],
      ...['Identity', 'Mul', 'Softmax'],
    ]);
  });

  it('carries what is known of the model in its metadata, as JSON', () => {
    const fields = decodeOnnx(encodeOnnxModel(MODELS[0][1]));
    const facts = Object.fromEntries(
      (fields.metadataProps as { key: string; value: string }[]).map(({ key, value }) => [
        key,
        JSON.parse(value) as unknown,
      ]),
    );
    expect(facts).toMatchObject({ temperature: 1.7, seed: 3, preset: 'fast', rejection: null });
    expect((facts.classNames as string[])[9]).toBe('class 9');
    expect(facts.weightsSha256).toBe(MODELS[0][1].metadata.weightsSha256);
  });

  it('names the version of the format and of the operators', () => {
    expect(decodeOnnx(encodeOnnxModel(MODELS[0][1]))).toMatchObject({
      irVersion: 8,
      opsetImport: [{ version: 17 }],
      producerName: 'digits',
    });
  });
});

/** A convolution that gives its input, of one channel. */
function identity(name: string): Layer {
  return { type: 'conv2d', name, filters: 1, kernelSize: [1, 1], strides: [1, 1], padding: 'same', useBias: false };
}

/** A model for pixels whose channels are numbered. */
function pixelModelOf(architecture: Architecture, weights: Weights) {
  const numChannels = inferShapes(architecture)[architecture.layers.length - 1][2];
  return createPixelModel(architecture, weights, { channels: Array.from({ length: numChannels }, (_, i) => `c${i}`) });
}

describe('encodeOnnxModel for pixels', () => {
  const network = smallPixelNetwork();
  const weights = randomWeights(network, 5);

  it('gives onnxruntime the logits of the reference for every network of the contract, and their sigmoids', async () => {
    const cases: NetworkCase[] = [
      ...pixelCases(),
      {
        title: 'additions of what the input gives, before and after a convolution',
        architecture: {
          inputShape: [4, 5, 1],
          layers: [
            { type: 'relu', name: 'relu' },
            { type: 'add', name: 'twice', from: 'relu' },
            { type: 'relu', name: 'relu2' },
            { ...identity('conv'), kernelSize: [3, 3] } as Layer,
            { type: 'add', name: 'sum', from: 'relu2' },
            { type: 'add', name: 'again', from: 'relu' },
            identity('logits'),
          ],
        },
      },
    ];
    const outputs = await expectLogitsOfReference(cases, (architecture, drawn) =>
      encodeOnnxModel(pixelModelOf(architecture, drawn)),
    );
    for (const { logits, probabilities } of outputs ?? []) {
      expect(probabilities.dims).toEqual(logits.dims);
      const sigmoids = logits.data.map((logit) => 1 / (1 + Math.exp(-logit)));
      expect(relativeDifference(probabilities.data, sigmoids)).toBeLessThan(1e-6);
    }
  });

  it.each<readonly [number, number]>([
    [2, 2],
    [3, 1],
    [1, 5],
    [41, 49],
  ])(
    // prettier-ignore
    'gives onnxruntime an upsampling by %i and %i that is exact',
    async (rows, columns) => {
      const architecture: Architecture = {
        inputShape: [2, 3, 1],
        layers: [identity('conv'), { type: 'upSampling2d', name: 'up', size: [rows, columns] }, identity('logits')],
      };
      const ones = initialWeights(architecture, 1).map((weight) => ({ ...weight, values: Float32Array.of(1) }));
      const given = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6);
      const onnx = encodeOnnxModel(pixelModelOf(architecture, ones));
      const outputs = await runOnnx([{ onnx, inputShape: [2, 3, 1], images: given }]);
      if (outputs === null) return;
      const expected = Array.from({ length: 6 * rows * columns }, (_, i) => {
        const [y, x] = [Math.floor(i / (3 * columns)), i % (3 * columns)];
        return given[3 * Math.floor(y / rows) + Math.floor(x / columns)];
      });
      expect(outputs[0].logits).toEqual({ dims: [1, 2 * rows, 3 * columns, 1], data: expected });
    },
  );

  it('turns images round at the input and the logits at the output', () => {
    const { node } = decodeOnnx(encodeOnnxModel(pixelModelOf(network, weights))).graph as {
      node: { opType: string }[];
    };
    const types = node.map(({ opType }) => opType);
    expect([types[0], ...types.slice(-3)]).toEqual(['Transpose', 'Conv', 'Transpose', 'Sigmoid']);
    expect(types.filter((type) => type === 'Transpose')).toHaveLength(2);
    expect(types.filter((type) => type === 'Resize' || type === 'Add')).toEqual(['Resize', 'Add', 'Resize', 'Add']);
  });

  it('carries what is known of the model in its metadata, as JSON', () => {
    const model = pixelModelOf(network, weights);
    const { metadataProps } = decodeOnnx(encodeOnnxModel(model)) as { metadataProps: { key: string; value: string }[] };
    const facts = Object.fromEntries(metadataProps.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
    expect(facts).toEqual({ ...model.metadata, weightsSha256: hashWeights(weights) });
  });
});
