import { evaluateProbabilities } from '../answers/evaluation.ts';
import { createModel, type Model } from '../answers/model.ts';
import { createPixelModel, type PixelFigures } from '../answers/pixel-model.ts';
import type { Architecture } from '../network/architecture.ts';
import { hashWeights, roundWeights, sha256 } from '../network/weight-bytes.ts';
import { initialWeights } from '../network/weights.ts';
import { presetConfig } from '../training/presets.ts';
import { kerasTopology } from './keras-topology.ts';
import {
  decodeAnyModel,
  decodeModel,
  decodePixelModel,
  encodeModel,
  isPixelModel,
  type ModelFiles,
} from './model-file.ts';

const ARCHITECTURE: Architecture = {
  inputShape: [6, 6, 1],
  layers: [
    { type: 'conv2d', name: 'conv', filters: 2, kernelSize: [3, 3], strides: [1, 1], padding: 'same', useBias: false },
    { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: 'relu' },
    { type: 'maxPooling2d', name: 'pool', poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
    { type: 'flatten', name: 'flatten' },
    { type: 'dropout', name: 'dropout', rate: 0.5 },
    { type: 'dense', name: 'logits', units: 2, useBias: true },
  ],
};

const MODEL: Model = createModel(ARCHITECTURE, initialWeights(ARCHITECTURE, 1), {
  preset: 'fast',
  seed: 1,
  validationSize: 5000,
  dataset: { name: 'mnist', sha256: 'ab'.repeat(32) },
  classNames: ['zero', 'one'],
  preprocessing: 'picture',
  temperature: 1.25,
  rejection: { score: 'energy', threshold: 2.5 },
  testMetrics: {
    split: 'test',
    count: 4,
    accuracy: 0.75,
    accuracyInterval: [0.3, 0.95],
    logLoss: 0.5,
    ece: 0.1,
    macro: { precision: 0.83, recall: 0.75, f1: 0.73 },
    perClass: [
      { label: 0, name: 'zero', precision: 1, recall: 0.5, f1: 0.67, support: 2 },
      { label: 1, name: 'one', precision: 0.67, recall: 1, f1: 0.8, support: 2 },
    ],
    confusionMatrix: [
      [1, 1],
      [0, 2],
    ],
  },
});

type Json = Record<string, unknown>;

/** The model's files with a change of the parsed `model.json`. */
function changed(
  change: (json: Json & { userDefinedMetadata: Json; weightsManifest: [{ weights: Json[] }] }) => void,
): ModelFiles {
  const { modelJson, weightsBin } = encodeModel(MODEL);
  const json = JSON.parse(modelJson) as Parameters<typeof change>[0];
  change(json);
  return { modelJson: JSON.stringify(json), weightsBin };
}

describe('encodeModel', () => {
  it("writes TensorFlow.js' layers format, with a softmax at the temperature behind the logits", () => {
    const json = JSON.parse(encodeModel(MODEL).modelJson) as Json;
    expect(json).toMatchObject({
      format: 'layers-model',
      modelTopology: { class_name: 'Sequential' },
      weightsManifest: [{ paths: ['weights.bin'] }],
    });
    const { layers } = (json.modelTopology as { config: { layers: Json[] } }).config;
    expect(layers.map(({ class_name }) => class_name)).toEqual([
      'Conv2D',
      'BatchNormalization',
      'ReLU',
      'MaxPooling2D',
      'Flatten',
      'Dropout',
      'Dense',
      'Rescaling',
      'Activation',
    ]);
    expect(layers[0].config).toMatchObject({
      batch_input_shape: [null, 6, 6, 1],
      kernel_size: [3, 3],
      use_bias: false,
    });
    expect(layers[7].config).toMatchObject({ scale: 0.8, offset: 0 });
  });

  it('writes float32 weights one after the other, little-endian, and their hash', () => {
    const { weightsBin, modelJson } = encodeModel(MODEL);
    const first = new DataView(weightsBin.buffer).getFloat32(0, true);
    expect(first).toBe(MODEL.weights[0].values[0]);
    const { userDefinedMetadata } = JSON.parse(modelJson) as { userDefinedMetadata: Json };
    expect(userDefinedMetadata.weightsSha256).toBe(hashWeights(MODEL.weights));
    expect(userDefinedMetadata.fileSha256).toBe(userDefinedMetadata.weightsSha256);
  });

  it('refuses weights of another architecture', () => {
    expect(() => encodeModel({ ...MODEL, weights: MODEL.weights.slice(1) })).toThrow(
      'encodeModel: weights must have 7 tensors for this architecture, got 6; are they of another architecture?',
    );
  });
});

describe('decodeModel', () => {
  it('reads what encodeModel wrote', () => {
    expect(decodeModel(encodeModel(MODEL))).toEqual(MODEL);
  });

  it.each(['float16', 'uint8'] as const)(
    'reads %s kernels, and keeps the hash of the weights as trained',
    (precision) => {
      const files = encodeModel(MODEL, { precision });
      expect(files.weightsBin.length).toBeLessThan(encodeModel(MODEL).weightsBin.length);
      const { weights, metadata } = decodeModel(files);
      expect(weights).toEqual(roundWeights(MODEL.weights, precision));
      expect(metadata).toEqual(MODEL.metadata);
    },
  );

  it.each<[string, ModelFiles, string]>([
    [
      'weights that are cut off',
      { ...encodeModel(MODEL), weightsBin: encodeModel(MODEL).weightsBin.slice(0, -3) },
      'weights.bin must have 256 bytes, got 253; is the file cut off?',
    ],
    [
      'weights that were changed',
      {
        ...encodeModel(MODEL),
        weightsBin: encodeModel(MODEL).weightsBin.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
      },
      'weights.bin must have the SHA-256',
    ],
    [
      'what is no JSON',
      { modelJson: '<html>', weightsBin: new Uint8Array(0) },
      'model.json must be JSON, got "<html>"',
    ],
    [
      'a model of another program',
      { modelJson: '{"format":"layers-model"}', weightsBin: new Uint8Array(0) },
      'userDefinedMetadata must be given, got nothing; was the model saved by this project?',
    ],
    [
      'a file of a later version',
      changed((json) => (json.userDefinedMetadata.version = 2)),
      'userDefinedMetadata.version must be 1, got 2; update the reader',
    ],
    [
      'weights of another architecture',
      changed((json) => (json.weightsManifest[0].weights[5].shape = [2, 18])),
      'weights must hold "logits/kernel" [18, 2], got "logits/kernel" [2, 18]; are they of another architecture?',
    ],
    [
      'a missing weight',
      changed((json) => json.weightsManifest[0].weights.pop()),
      'weights must hold "logits/bias" [2], got none; are they of another architecture?',
    ],
    [
      'a weight too many',
      changed(({ weightsManifest: [{ weights }] }) => weights.push(weights[6])),
      'weights must be the 7 of the architecture, got 8',
    ],
    [
      'a path out of the folder',
      changed((json) => ((json.weightsManifest[0] as Json).paths = ['../../secret'])),
      'weightsManifest[0].paths[0] must be one of weights.bin, got "../../secret"',
    ],
    [
      'a strange number format',
      changed((json) => (json.weightsManifest[0].weights[0].dtype = 'complex64')),
      'weightsManifest[0].weights[0].dtype must be one of float32, got "complex64"',
    ],
    [
      'an architecture without limit',
      changed((json) => ((json.userDefinedMetadata.architecture as { layers: Json[] }).layers[6].units = 1e9)),
      'userDefinedMetadata.architecture.layers[6].units must be a whole number in [1, 65536], got 1000000000',
    ],
    [
      'class names that are not as many as the classes',
      changed((json) => (json.userDefinedMetadata.classNames = ['a'])),
      'userDefinedMetadata.classNames must have 2 items, got 1',
    ],
    [
      'a temperature of 0',
      changed((json) => (json.userDefinedMetadata.temperature = 0)),
      'userDefinedMetadata.temperature must be in [0.01, 100], got 0',
    ],
    [
      'a field that it does not know',
      changed((json) => (json.userDefinedMetadata.script = 'x')),
      'userDefinedMetadata must have only the fields version, architecture',
    ],
  ])('refuses %s', (_, files, message) => {
    expect(() => decodeModel(files)).toThrow(`decodeModel: ${message}`);
  });

  it('refuses figures of another number of classes', () => {
    const evaluation = evaluateProbabilities(
      Uint8Array.of(0, 1),
      Float64Array.of(0.9, 0.1, 0.2, 0.8),
      ['0', '1'],
      'test',
    );
    const model = createModel(ARCHITECTURE, MODEL.weights, { testMetrics: evaluation });
    expect(decodeModel(encodeModel(model)).metadata.testMetrics).toEqual(evaluation);
    const metadata = { ...model.metadata, testMetrics: { ...evaluation, confusionMatrix: [[1, 0], [1]] } };
    expect(() => decodeModel(encodeModel({ ...model, metadata }))).toThrow(
      'decodeModel: userDefinedMetadata.testMetrics.confusionMatrix[1] must have 2 items, got 1',
    );
  });

  it('refuses weights that are not finite', () => {
    const { weightsBin } = encodeModel(MODEL);
    new DataView(weightsBin.buffer).setFloat32(0, Infinity, true);
    const { modelJson } = changed((json) => (json.userDefinedMetadata.fileSha256 = sha256(weightsBin)));
    expect(() => decodeModel({ modelJson, weightsBin })).toThrow(
      'decodeModel: weight "conv/kernel" must have finite values, got Infinity',
    );
  });

  it('refuses a hash that is none', () => {
    const files = changed((json) => (json.userDefinedMetadata.weightsSha256 = 'AB'.repeat(32)));
    expect(() => decodeModel(files)).toThrow(
      /^decodeModel: .*weightsSha256 must be 64 hexadecimal digits, got "(AB)+A?\.\.\.$/,
    );
  });

  it('refuses a model.json without end', () => {
    expect(() => decodeModel({ modelJson: ' '.repeat(2 ** 23 + 1), weightsBin: new Uint8Array(0) })).toThrow(
      'decodeModel: model.json must have at most 8388608 characters, got 8388609',
    );
  });
});

describe('createModel', () => {
  it('fills in what is not known of a freshly trained model', () => {
    const { metadata } = createModel(ARCHITECTURE, MODEL.weights);
    expect(metadata).toEqual({
      preset: null,
      seed: null,
      validationSize: null,
      dataset: null,
      classNames: ['0', '1'],
      preprocessing: 'none',
      testMetrics: null,
      temperature: 1,
      rejection: null,
      weightsSha256: hashWeights(MODEL.weights),
    });
  });

  it('takes one class name less than outputs, the last of which is then "no digit"', () => {
    const layers = ARCHITECTURE.layers.map((layer) => (layer.name === 'logits' ? { ...layer, units: 3 } : layer));
    const architecture = { ...ARCHITECTURE, layers } as Architecture;
    const rejection = { score: 'none', threshold: 0.5 } as const;
    const model = createModel(architecture, initialWeights(architecture, 1), { classNames: ['a', 'b'], rejection });
    expect(decodeModel(encodeModel(model)).metadata).toEqual(model.metadata);
    expect(() => createModel(architecture, model.weights, { classNames: ['a'] })).toThrow(
      new RangeError('createModel: classNames must have 3 items, or 2 where the last output is "no digit", got 1'),
    );
  });

  it('refuses to reject by an output that the network lacks', () => {
    const rejection = { score: 'none', threshold: 0.5 } as const;
    expect(() => createModel(ARCHITECTURE, MODEL.weights, { rejection })).toThrow(
      new RangeError(
        'createModel: rejection.score must be confidence or energy for a network without a "no digit" output, got none',
      ),
    );
  });

  it('refuses class names for other classes', () => {
    expect(() => createModel(ARCHITECTURE, MODEL.weights, { classNames: ['a'] })).toThrow(
      new RangeError('createModel: classNames must have 2 items, got 1'),
    );
  });
});

describe('decodePixelModel', () => {
  const network: Architecture = {
    inputShape: [4, 4, 1],
    layers: [
      { type: 'conv2d', name: 'conv', filters: 2, kernelSize: [3, 3], strides: [1, 1], padding: 'same', useBias: true },
      { type: 'relu', name: 'relu' },
      { type: 'conv2d', name: 'logits', filters: 2, kernelSize: [1, 1], strides: [1, 1], padding: 'same', useBias: true }, // prettier-ignore
    ],
  };
  const figures = { positiveShare: 0.1, averagePrecision: 0.9, threshold: 0.4, f1: 0.8, precision: 0.7, recall: 0.9 };
  const channels = ['ink', 'ruling'];
  const perChannel = channels.map((channel) => ({ channel, ...figures }));
  const pixelModel = createPixelModel(network, initialWeights(network, 1), {
    preset: 'ink',
    seed: 3,
    validationSize: 20,
    pages: { count: 100 },
    channels,
    figures: { count: 20, validation: perChannel, trainingKinds: perChannel },
  });

  it('reads what encodeModel wrote, whose network ends in a sigmoid', () => {
    const files = encodeModel(pixelModel);
    expect(decodePixelModel(files)).toEqual(pixelModel);
    expect(decodeAnyModel(files)).toEqual(pixelModel);
    const json = JSON.parse(files.modelJson) as { modelTopology: { config: { layers: Json[] } } };
    expect(json.modelTopology.config.layers.at(-1)?.config).toMatchObject({ activation: 'sigmoid' });
  });

  it('tells models for classes and for pixels apart', () => {
    expect(() => decodeModel(encodeModel(pixelModel))).toThrow(
      new RangeError(
        'decodeModel: model must answer for classes, got one that answers for pixels (ink, ruling); name the model of a classifier',
      ),
    );
    expect(() => decodePixelModel(encodeModel(MODEL))).toThrow(
      new RangeError(
        'decodePixelModel: model must answer for pixels, got one that answers for 2 classes; name a model of the preset ink',
      ),
    );
    expect([MODEL, pixelModel].map(isPixelModel)).toEqual([false, true]);
    expect(decodeAnyModel(encodeModel(MODEL))).toEqual(MODEL);
  });

  it.each<[string, (facts: Json) => void, string]>([
    ['another kind', (facts) => (facts.kind = 'boxes'), 'kind must be one of pixels, got "boxes"'],
    ['too few channels', (facts) => (facts.channels = ['ink']), 'channels must have 2 items, got 1'],
    [
      'an unknown fact',
      (facts) => (facts.temperature = 1),
      'must have only the fields version, architecture, fileSha256',
    ],
  ])('refuses %s', (_, change, message) => {
    const { modelJson, weightsBin } = encodeModel(pixelModel);
    const json = JSON.parse(modelJson) as { userDefinedMetadata: Json };
    change(json.userDefinedMetadata);
    expect(() => decodePixelModel({ modelJson: JSON.stringify(json), weightsBin })).toThrow(message);
  });

  it('keeps the preset ink below 80 kB with uint8 kernels', () => {
    const { architecture } = presetConfig('ink');
    const channels = ['ink', 'ruling'];
    const filled = channels.map((channel) => ({ channel, ...Object.fromEntries(Object.keys(figures).map((key) => [key, 1 / 3])) })); // prettier-ignore
    const ink = createPixelModel(architecture, initialWeights(architecture, 42), {
      preset: 'ink',
      seed: 42,
      validationSize: 1500,
      pages: { count: 32_000 },
      channels,
      figures: { count: 1500, validation: filled, trainingKinds: filled } as unknown as PixelFigures,
    });
    const { modelJson, weightsBin } = encodeModel(ink, { precision: 'uint8' });
    expect(modelJson.length + weightsBin.length).toBeLessThan(80_000);
  });
});

describe('kerasTopology', () => {
  it('writes each layer under its Keras name, the first one with the input shape', () => {
    const topology = kerasTopology(
      {
        inputShape: [8, 8, 1],
        layers: [
          { type: 'conv2d', name: 'conv', filters: 4, kernelSize: [3, 2], strides: [2, 1], padding: 'same', useBias: true }, // prettier-ignore
          { type: 'globalAveragePooling2d', name: 'gap' },
          { type: 'dense', name: 'logits', units: 3, useBias: true },
        ],
      },
      1,
    );
    expect(topology).toEqual({
      class_name: 'Sequential',
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
      config: {
        name: 'digits',
        layers: [
          {
            class_name: 'Conv2D',
            config: {
              name: 'conv',
              trainable: true,
              filters: 4,
              kernel_size: [3, 2],
              strides: [2, 1],
              padding: 'same',
              data_format: 'channels_last',
              dilation_rate: [1, 1],
              activation: 'linear',
              use_bias: true,
              batch_input_shape: [null, 8, 8, 1],
              dtype: 'float32',
            },
          },
          {
            class_name: 'GlobalAveragePooling2D',
            config: { name: 'gap', trainable: true, data_format: 'channels_last' },
          },
          {
            class_name: 'Dense',
            config: { name: 'logits', trainable: true, units: 3, activation: 'linear', use_bias: true },
          },
          { class_name: 'Rescaling', config: { name: 'temperature', trainable: true, scale: 1, offset: 0 } },
          { class_name: 'Activation', config: { name: 'softmax', trainable: true, activation: 'softmax' } },
        ],
      },
    });
  });

  it('writes a network with an addition as a functional model, which ends in a sigmoid', () => {
    const topology = kerasTopology(
      {
        inputShape: [4, 6, 1],
        layers: [
          {
            type: 'conv2d',
            name: 'conv',
            filters: 2,
            kernelSize: [1, 1],
            strides: [1, 1],
            padding: 'same',
            useBias: true,
          },
          { type: 'maxPooling2d', name: 'pool', poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
          { type: 'upSampling2d', name: 'up', size: [2, 2] },
          { type: 'add', name: 'sum', from: 'conv' },
        ],
      },
      'sigmoid',
    );
    // The form in which Keras 2 saves a functional model: each input as [layer, node, tensor, arguments].
    expect(topology).toMatchObject({
      class_name: 'Functional',
      config: {
        name: 'digits',
        layers: [
          {
            name: 'input',
            class_name: 'InputLayer',
            config: { name: 'input', batch_input_shape: [null, 4, 6, 1], dtype: 'float32' },
            inbound_nodes: [],
          },
          { name: 'conv', class_name: 'Conv2D', inbound_nodes: [[['input', 0, 0, {}]]] },
          { name: 'pool', class_name: 'MaxPooling2D', inbound_nodes: [[['conv', 0, 0, {}]]] },
          {
            name: 'up',
            class_name: 'UpSampling2D',
            config: { name: 'up', size: [2, 2], data_format: 'channels_last', interpolation: 'nearest' },
            inbound_nodes: [[['pool', 0, 0, {}]]],
          },
          {
            name: 'sum',
            class_name: 'Add',
            inbound_nodes: [
              [
                ['up', 0, 0, {}],
                ['conv', 0, 0, {}],
              ],
            ],
          },
          {
            name: 'sigmoid',
            class_name: 'Activation',
            config: { activation: 'sigmoid' },
            inbound_nodes: [[['sum', 0, 0, {}]]],
          },
        ],
        input_layers: [['input', 0, 0]],
        output_layers: [['sigmoid', 0, 0]],
      },
    });
  });
});
