import { normaliseImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  type Architecture,
  createClassifier,
  createModel,
  initialWeights,
  type Model,
  numClassesOf,
  PRESET_NAMES,
  presetConfig,
  shapeSize,
} from '@digits/model';
import { layerCases, randomDataset, randomWeights, referenceEngine, relativeDifference } from '@digits/engine-contract';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeOnnx } from './onnx-format.ts';
import { encodeOnnxModel } from './onnx-model.ts';

jest.setTimeout(120_000);

const script = join(__dirname, '..', 'testing', 'run-onnx.mjs');

interface Outputs {
  readonly probabilities: { readonly dims: readonly number[]; readonly data: readonly number[] };
  readonly logits: { readonly dims: readonly number[]; readonly data: readonly number[] };
}

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

let folder: string;
let images: Float32Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-onnx-'));
  images = normaliseImages((await loadSplit('mnist', 'test')).images.slice(0, 20 * 784));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A model and the images that it is given. */
interface OnnxRun {
  readonly model: Model;
  readonly images: Float32Array;
}

/** Null where onnxruntime-node is not installed. */
async function runOnnx(runs: readonly OnnxRun[]): Promise<readonly Outputs[] | null> {
  const files = runs.map(async ({ model, images }, i) => {
    const [modelFile, imageFile] = [join(folder, `model-${i}.onnx`), join(folder, `images-${i}.bin`)];
    await writeFile(modelFile, encodeOnnxModel(model));
    await writeFile(imageFile, Buffer.from(images.buffer, images.byteOffset, images.byteLength));
    const { inputShape } = model.architecture;
    return [modelFile, imageFile, [images.length / shapeSize(inputShape), ...inputShape].join(',')];
  });
  const asked = (await Promise.all(files)).flat();
  const run = spawnSync(process.execPath, [script, ...asked], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (run.status === 3) return skip();
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Outputs[];
}

function skip(): null {
  const line = 'onnxruntime-node must be installed to check exported models (npm ci --prefix tools/bench), got none';
  if (process.env.CI !== undefined && process.env.CI !== '') throw new Error(line);
  process.stderr.write(`skipped: ${line}\n`);
  return null;
}

describe('encodeOnnxModel', () => {
  it.each(MODELS)('gives onnxruntime the same probabilities, for any number of images: %s', async (_, model) => {
    const classifier = await createClassifier(model, createSimdEngine({ threads: 1 }));
    try {
      const expected = await classifier.probabilities(images);
      const numClasses = model.metadata.classNames.length;
      const counts = [20, 1];
      const runs = await runOnnx(counts.map((count) => ({ model, images: images.slice(0, count * 784) })));
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
    const runs = layerCases().map(({ title, architecture }) => {
      const pixels = normaliseImages(randomDataset(architecture, 3, 4).images);
      return { title, model: createModel(architecture, randomWeights(architecture, 5)), images: pixels };
    });
    const outputs = await runOnnx(runs);
    if (outputs === null) return;
    for (const [i, { title, model, images: given }] of runs.entries()) {
      const predictor = await referenceEngine.createPredictor(model.architecture, model.weights);
      const difference = relativeDifference(outputs[i].logits.data, await predictor.predict(given));
      expect({ title, agrees: difference < 1e-4, difference }).toMatchObject({ title, agrees: true });
      await predictor.dispose();
    }
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
