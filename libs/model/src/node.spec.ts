import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { createModel } from './answers/model.ts';
import { createPixelModel } from './answers/pixel-model.ts';
import { MODEL_FILES } from './file/model-file.ts';
import type { Architecture } from './network/architecture.ts';
import { shapeSize } from './network/shapes.ts';
import { optimizerSlotSpecs } from './network/optimizer.ts';
import { initialWeights } from './network/weights.ts';
import {
  loadAnyModel,
  loadCheckpoint,
  loadModel,
  loadPixelModel,
  loadPretrainedTouchingModel,
  pretrainedInkModelDirectory,
  pretrainedTouchingModelDirectory,
  pretrainedModelDirectory,
  saveCheckpoint,
  saveModel,
  writeFileSafely,
} from './node.ts';
import type { TrainingCheckpoint } from './training/checkpoint.ts';
import { presetConfig } from './training/presets.ts';

const ARCHITECTURE: Architecture = {
  inputShape: [2, 2, 1],
  layers: [
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 3, useBias: true },
  ],
};
const MODEL = createModel(ARCHITECTURE, initialWeights(ARCHITECTURE, 1), { seed: 1 });

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('saveModel', () => {
  it('makes the folder, and leaves nothing but the two files', async () => {
    const inside = join(folder, 'runs', 'first');
    await saveModel(inside, MODEL);
    await saveModel(inside, MODEL, { precision: 'uint8' });
    expect((await readdir(inside)).sort()).toEqual(['model.json', 'weights.bin']);
  });

  it('names a folder that cannot be written', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(saveModel(file, MODEL)).rejects.toThrow(`saveModel: folder must be writable, got "${file}" (EEXIST: `);
  });
});

describe('loadModel', () => {
  it('reads what saveModel wrote', async () => {
    await saveModel(folder, MODEL);
    expect(await loadModel(folder)).toEqual(MODEL);
  });

  it('names what a folder lacks', async () => {
    const advice = 'name the folder of a trained model';
    const must = 'loadModel: folder must hold model.json and weights.bin, got';
    const none = join(folder, 'none');
    await expect(loadModel(none)).rejects.toThrow(`${must} no such folder in "${none}"; ${advice}`);
    await expect(loadModel(folder)).rejects.toThrow(`${must} neither in "${folder}"; ${advice}`);
    await writeFile(join(folder, 'model.json'), '{}');
    await expect(loadModel(folder)).rejects.toThrow(`${must} only model.json in "${folder}"; ${advice}`);
    await rm(join(folder, 'model.json'));
    await writeFile(join(folder, 'weights.bin'), '');
    await expect(loadModel(folder)).rejects.toThrow(`${must} only weights.bin in "${folder}"; ${advice}`);
    const file = join(folder, 'weights.bin');
    await expect(loadModel(file)).rejects.toThrow(`${must} neither in "${file}"; ${advice}`);
  });

  (process.platform === 'win32' ? it.skip : it)('refuses a pipe, which would make it wait for a writer', async () => {
    await saveModel(folder, MODEL);
    await rm(join(folder, 'weights.bin'));
    execFileSync('mkfifo', [join(folder, 'weights.bin')]);
    await expect(loadModel(folder)).rejects.toThrow(
      `loadModel: "${folder}": weights.bin must be a regular file, got a pipe or device`,
    );
  });

  it('passes on what else the file system says', async () => {
    await expect(loadModel('a\0b')).rejects.toThrow('without null bytes');
  });

  it('names the folder of a model that cannot be read', async () => {
    await saveModel(folder, MODEL);
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(7));
    await expect(loadModel(folder)).rejects.toThrow(
      `loadModel: "${folder}": decodeModel: weights.bin must have 60 bytes, got 7; is the file cut off?`,
    );
  });

  it('refuses a file beyond the limit without reading it', async () => {
    await saveModel(folder, MODEL);
    await writeFile(join(folder, 'model.json'), new Uint8Array(2 ** 23 + 1));
    await expect(loadModel(folder)).rejects.toThrow('model.json in');
  });
});

describe('loadPixelModel', () => {
  const network: Architecture = {
    inputShape: [2, 2, 1],
    layers: [
      { type: 'conv2d', name: 'logits', filters: 1, kernelSize: [1, 1], strides: [1, 1], padding: 'same', useBias: true }, // prettier-ignore
    ],
  };
  const pixelModel = createPixelModel(network, initialWeights(network, 1), { channels: ['ink'] });

  it('reads what saveModel wrote', async () => {
    await saveModel(folder, pixelModel);
    expect(await loadPixelModel(folder)).toEqual(pixelModel);
    expect(await loadAnyModel(folder)).toEqual(pixelModel);
  });

  it('refuses a model for classes, and the other way round', async () => {
    await saveModel(folder, MODEL);
    await expect(loadPixelModel(folder)).rejects.toThrow(
      `loadPixelModel: "${folder}": decodePixelModel: model must answer for pixels, got one that answers for 3 classes`,
    );
    expect(await loadAnyModel(folder)).toEqual(MODEL);
    await saveModel(folder, pixelModel);
    await expect(loadModel(folder)).rejects.toThrow(
      `loadModel: "${folder}": decodeModel: model must answer for classes, got one that answers for pixels (ink)`,
    );
  });

  it('opens its messages with its own name', async () => {
    await expect(loadPixelModel(folder)).rejects.toThrow('loadPixelModel: folder must hold model.json and weights.bin');
  });
});

describe('saveCheckpoint', () => {
  const config = { ...presetConfig('mlp'), architecture: ARCHITECTURE };
  const weights = initialWeights(ARCHITECTURE, 2);
  const optimizer = optimizerSlotSpecs(ARCHITECTURE, config.optimizer).map(({ name, shape }, i) => ({
    name,
    shape,
    values: new Float32Array(shapeSize(shape)).fill(i + 0.5),
  }));
  const checkpoint: TrainingCheckpoint = {
    config,
    datasetSha256: 'ab'.repeat(32),
    epoch: 0,
    stepInEpoch: 3,
    lossSum: 1.5,
    numCorrect: 2,
    seconds: 4,
    history: [],
    best: null,
    patience: { validationLoss: null, epochsWaited: 0 },
    state: { weights, averagedWeights: null, optimizer },
  };

  it('writes what loadCheckpoint reads, over the one before', async () => {
    const path = join(folder, 'checkpoint.bin');
    await saveCheckpoint(path, { ...checkpoint, stepInEpoch: 2 });
    await saveCheckpoint(path, checkpoint);
    expect(await loadCheckpoint(path)).toEqual(checkpoint);
    expect(await readdir(folder)).toEqual(['checkpoint.bin']);
  });

  it('names a path that cannot be written', async () => {
    const path = join(folder, 'missing', 'checkpoint.bin');
    await expect(saveCheckpoint(path, checkpoint)).rejects.toThrow(
      `saveCheckpoint: path must be writable, got "${path}" (ENOENT: `,
    );
  });
});

describe('loadCheckpoint', () => {
  it('names the file that is no checkpoint', async () => {
    const path = join(folder, 'checkpoint.bin');
    await writeFile(path, 'hello\n');
    await expect(loadCheckpoint(path)).rejects.toThrow(
      `loadCheckpoint: "${path}": parseCheckpoint: bytes must begin with "digits-checkpoint 1", got "hello"`,
    );
  });
});

describe('writeFileSafely', () => {
  it('leaves nothing beside the file when it fails', async () => {
    await mkdir(join(folder, 'taken', 'inside'), { recursive: true });
    await expect(writeFileSafely(join(folder, 'taken'), 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(await readdir(folder)).toEqual(['taken']);
  });
});

describe('pretrainedInkModelDirectory', () => {
  it('is beside the other bundled model', () => {
    expect(dirname(pretrainedInkModelDirectory())).toBe(dirname(pretrainedModelDirectory()));
    const folder = pretrainedInkModelDirectory(() => {
      throw new Error('not installed');
    });
    expect(folder.endsWith(`${sep}src${sep}pretrained-ink`)).toBe(true);
  });
});

describe('loadPretrainedTouchingModel', () => {
  it('reads a model of the ten digits beside the other bundled model', async () => {
    expect(dirname(pretrainedTouchingModelDirectory())).toBe(dirname(pretrainedModelDirectory()));
    const { metadata } = await loadPretrainedTouchingModel();
    expect(metadata.classNames.join('')).toBe('0123456789');
    expect(metadata.weightsSha256).toBe('a7aa82fef752fddea1faaf1a2f4e4704687b3feb441b525547b0d9f88f493156');
  });
});

describe('pretrainedModelDirectory', () => {
  it('holds a model and its card', () => {
    const folder = pretrainedModelDirectory();
    for (const name of [...Object.values(MODEL_FILES), 'README.md']) expect(existsSync(join(folder, name))).toBe(true);
  });

  it('lies beside a program that left its packages behind', () => {
    const folder = pretrainedModelDirectory(() => {
      throw new Error('not installed');
    });
    expect(folder.endsWith(`${sep}src${sep}pretrained`)).toBe(true);
  });
});
