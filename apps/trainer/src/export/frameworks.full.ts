import { normaliseImages } from '@digits/data';
import {
  layerCases,
  pixelCases,
  randomTrainingImages,
  randomWeights,
  referenceEngine,
  relativeDifference,
} from '@digits/engine-contract';
import {
  type AnyModel,
  type Architecture,
  createModel,
  createPixelModel,
  inferShapes,
  isPixelModel,
  outputKind,
  softmax,
} from '@digits/model';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itWithPython, runPython } from '../testing/python.ts';
import { encodeKerasFile } from './keras-file.ts';
import { kerasSource, torchSource } from './source-code.ts';
import { encodeTorchWeights } from './torch-network.ts';

jest.setTimeout(600_000);

// The default is TensorFlow, which is large.
process.env.KERAS_BACKEND ??= 'jax';

const SCRIPT = join(__dirname, '..', '..', 'python', 'run_exports.py');
const NUM_IMAGES = 3;
const TEMPERATURE = 1.7;

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'digits-frameworks-'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** A model of a network of the contract, whose layer names are ones that Python or PyTorch keep for themselves. */
function modelOf(given: Architecture): AnyModel {
  const renamed = new Map([['relu', 'half'], ['conv', 'lambda'], ['pool', 'a-b']]); // prettier-ignore
  const nameOf = (name: string): string => renamed.get(name) ?? name;
  const layers = given.layers.map((layer) => ({
    ...layer,
    name: nameOf(layer.name),
    ...(layer.type === 'add' && { from: nameOf(layer.from) }),
  }));
  const architecture = { ...given, layers };
  const weights = randomWeights(architecture, 5);
  if (outputKind(architecture) === 'classes') return createModel(architecture, weights, { temperature: TEMPERATURE });
  const numChannels = inferShapes(architecture)[layers.length - 1][2];
  return createPixelModel(architecture, weights, { channels: Array.from({ length: numChannels }, (_, i) => `c${i}`) });
}

/** A model, its files, and the logits of the reference. */
interface Exported {
  readonly title: string;
  readonly folder: string;
  readonly model: AnyModel;
  readonly logits: Float32Array;
}

async function exportCases(): Promise<readonly Exported[]> {
  const cases = [...layerCases(), ...pixelCases()];
  return Promise.all(
    cases.map(async (layerCase, i) => {
      const model = modelOf(layerCase.architecture);
      const { architecture, weights } = model;
      const images = normaliseImages(randomTrainingImages(architecture, NUM_IMAGES, 4).images);
      const folder = join(root, String(i));
      await mkdir(folder, { recursive: true });
      const shape = [NUM_IMAGES, ...architecture.inputShape];
      await writeFile(join(folder, 'shape.json'), JSON.stringify(shape));
      await writeFile(join(folder, 'images.bin'), new Uint8Array(images.buffer, images.byteOffset, images.byteLength));
      await writeFile(join(folder, 'model.keras'), await encodeKerasFile(model));
      await writeFile(join(folder, 'model.safetensors'), encodeTorchWeights(model));
      await writeFile(join(folder, 'keras_network.py'), kerasSource(model));
      await writeFile(join(folder, 'pytorch_network.py'), torchSource(model));
      const predictor = await referenceEngine.createPredictor(architecture, weights);
      return { title: layerCase.title, folder, model, logits: await predictor.predict(images) };
    }),
  );
}

/** Runs all networks in a framework: for each of them, its outputs by way of loading. */
function runAll(python: string, framework: string, exported: readonly Exported[]): readonly (readonly number[][])[] {
  const { status, stdout, stderr } = runPython(python, [SCRIPT, framework, ...exported.map(({ folder }) => folder)]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as number[][][];
}

function kerasAnswers({ model, logits }: Exported): readonly number[] {
  if (isPixelModel(model)) return Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
  return [...softmax(logits, logits.length / NUM_IMAGES, TEMPERATURE)];
}

describe('exported networks', () => {
  itWithPython('torch, safetensors', 'give the logits of the reference in PyTorch', async (python) => {
    const exported = await exportCases();
    runAll(python, 'pytorch', exported).forEach(([logits], i) => {
      const difference = relativeDifference(logits, exported[i].logits);
      expect({ title: exported[i].title, agrees: difference < 1e-5, difference }).toMatchObject({ agrees: true });
    });
  });

  itWithPython('keras', 'give the probabilities of the reference in Keras, as a file and as source', async (python) => {
    const exported = await exportCases();
    runAll(python, 'keras', exported).forEach((ways, i) => {
      expect(ways).toHaveLength(2);
      const expected = kerasAnswers(exported[i]);
      for (const values of ways) {
        const difference = Math.max(...values.map((value, at) => Math.abs(value - expected[at])));
        expect({ title: exported[i].title, agrees: difference < 1e-5, difference }).toMatchObject({ agrees: true });
      }
    });
  });
});
