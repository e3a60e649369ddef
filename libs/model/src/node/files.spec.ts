import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from '../architecture.ts';
import { initialWeights } from '../initial-weights.ts';
import { createModel } from '../model.ts';
import { loadCheckpoint, loadModel, saveModel, writeFileSafely } from '../node.ts';

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
