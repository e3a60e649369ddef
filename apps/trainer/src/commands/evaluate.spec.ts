import { pretrainedModelDirectory } from '@digits/model/node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(120_000);

let folder: string;
let dataset: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-evaluate-'));
  dataset = join(folder, 'small-mnist');
  await writeSmallDataset(dataset, { numTrain: 600, numTest: 100 });
  await runCommand(['train', '--dataset', dataset, '--epochs', '1', '--out', join(folder, 'run'), '--json']);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const evaluate = (...args: string[]) => runCommand(['evaluate', '--dataset', dataset, '--json', ...args]);

describe('evaluate --ensemble', () => {
  it('answers as one model where all members are the same', async () => {
    const { json: alone } = await evaluate();
    const { json: twice } = await evaluate('--ensemble', pretrainedModelDirectory());
    expect(twice).toMatchObject({ accuracy: alone?.accuracy, logLoss: alone?.logLoss });
    expect(twice?.ensemble).toEqual([pretrainedModelDirectory()]);
  });

  it('lies between its members', async () => {
    const { json: good } = await evaluate();
    const { json: poor } = await evaluate('--model', join(folder, 'run'));
    const { json: both } = await evaluate('--ensemble', join(folder, 'run'));
    expect(both?.logLoss).toBeGreaterThan(Number(good?.logLoss));
    expect(both?.logLoss).toBeLessThan(Number(poor?.logLoss));
  });

  it('refuses other splits than the test split', async () => {
    const { code, stderr } = await evaluate('--split', 'validation', '--ensemble', join(folder, 'run'));
    expect(code).toBe(2);
    expect(stderr).toContain('evaluate: --ensemble must be read on the test split, got validation');
  });
});

describe('evaluate', () => {
  it('gives the figures of the training again, of the test and of the validation split', async () => {
    const { json: trained } = await runCommand([
      'train',
      '--dataset',
      dataset,
      '--epochs',
      '1',
      '--out',
      join(folder, 'again'),
      '--json',
    ]);
    for (const split of ['test', 'validation']) {
      const args = ['evaluate', '--model', join(folder, 'again'), '--dataset', dataset, '--split', split, '--json'];
      const { code, json } = await runCommand(args);
      expect(code).toBe(0);
      expect(json).toMatchObject(trained?.[split] as object);
      expect(json?.weightsSha256).toBe(trained?.weightsSha256);
    }
  });

  it('reads only the split that it needs', async () => {
    const testOnly = join(folder, 'test-only-set');
    await writeSmallDataset(testOnly, { numTrain: 20, numTest: 50 });
    await rm(join(testOnly, 'train-images-idx3-ubyte'));
    await rm(join(testOnly, 'train-labels-idx1-ubyte'));
    const { code, json } = await runCommand([
      'evaluate',
      '--model',
      join(folder, 'run'),
      '--dataset',
      testOnly,
      '--json',
    ]);
    expect(code).toBe(0);
    expect(json).toMatchObject({ split: 'test', count: 50 });
  });
});
