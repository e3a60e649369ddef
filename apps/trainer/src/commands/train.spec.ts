import type { LabelledImages } from '@digits/data';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, startCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(120_000);

let folder: string;
let dataset: string;
let test: LabelledImages;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-train-'));
  dataset = join(folder, 'small-mnist');
  ({ test } = await writeSmallDataset(dataset, { numTrain: 1200, numTest: 200 }));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const train = (out: string, ...args: string[]) => ['train', '--dataset', dataset, '--out', join(folder, out), ...args];

describe('train', () => {
  it('prints the contract figures as its last line and writes the run folder', async () => {
    const { code, json, stdout } = await runCommand(train('contract', '--epochs', '2', '--seed', '7', '--json'));
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(json).toMatchObject({
      preset: 'fast',
      engine: 'simd',
      seed: 7,
      parameters: 13546,
      epochs: 2,
      stopped: 'completed',
      modelDir: join(folder, 'contract', 'model'),
      validation: { split: 'validation', count: 100 },
      test: { split: 'test', count: 200 },
    });
    expect(json?.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    const files = ['checkpoint.bin', 'config.json', 'history.jsonl', 'metrics.json', 'model', 'predictions.csv', 'report.html', 'steps.jsonl']; // prettier-ignore
    expect((await readdir(join(folder, 'contract'))).sort()).toEqual(files);
    const history = await readFile(join(folder, 'contract', 'history.jsonl'), 'utf8');
    expect(history.trimEnd().split('\n')).toHaveLength(2);
  });

  it('counts every test image once in a confusion matrix whose rows are the true classes', async () => {
    const { json } = await runCommand(train('matrix', '--epochs', '1', '--json'));
    const { confusionMatrix, accuracy } = json?.test as { confusionMatrix: number[][]; accuracy: number };
    const support = Array.from({ length: 10 }, (_, digit) => test.labels.filter((label) => label === digit).length);
    expect(confusionMatrix.map((row) => row.reduce((sum, n) => sum + n, 0))).toEqual(support);
    expect(confusionMatrix.reduce((sum, row, i) => sum + row[i], 0) / 200).toBeCloseTo(accuracy, 12);
  });

  it('ends with the same weights on any number of threads', async () => {
    const hashes = await Promise.all(
      ['1', '2', '3'].map(async (threads) => {
        const { json } = await runCommand(train(`threads-${threads}`, '--epochs', '1', '--threads', threads, '--json'));
        return json?.weightsSha256;
      }),
    );
    expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
    expect(hashes[0]).toBeDefined();
  });

  it('trains a convolutional network on TensorFlow.js wasm too', async () => {
    const { code, json } = await runCommand(
      train('wasm', '--engine', 'tfjs', '--tfjs-backend', 'wasm', '--epochs', '1', '--json'),
    );
    expect(code).toBe(0);
    expect(json).toMatchObject({ engine: 'tfjs', test: { count: 200 } });
  });

  it('takes settings from a file, and the command line before the file', async () => {
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ preset: 'mlp', epochs: 3, seed: 5, batchSize: 64 }));
    const { json } = await runCommand(train('from-file', '--config', config, '--epochs', '1', '--json'));
    expect(json).toMatchObject({ preset: 'mlp', epochs: 1, seed: 5 });
    const written = JSON.parse(await readFile(join(folder, 'from-file', 'config.json'), 'utf8')) as { config: object };
    expect(written.config).toMatchObject({ batchSize: 64, epochs: 1 });
  });

  it('stops on Ctrl-C with the best model so far, and says so by its exit code', async () => {
    const run = startCommand(train('interrupted', '--epochs', '500', '--json'));
    await run.sees('epoch 1/500  loss');
    run.kill('SIGINT');
    const { code, json } = await run.result;
    expect(code).toBe(130);
    expect(json).toMatchObject({ stopped: 'aborted' });
    const { code: evaluated } = await runCommand([
      'evaluate',
      '--model',
      join(folder, 'interrupted'),
      '--dataset',
      dataset,
    ]);
    expect(evaluated).toBe(0);
  });

  it('ends with the same weights when killed and resumed', async () => {
    const { json: whole } = await runCommand(train('whole', '--epochs', '6', '--json'));
    const run = startCommand(train('killed', '--epochs', '6', '--json'));
    await run.sees('epoch 3/6  loss');
    run.kill('SIGKILL');
    await run.result;
    const { code, json } = await runCommand(['train', '--out', join(folder, 'killed'), '--resume', '--json']);
    expect(code).toBe(0);
    expect(json?.weightsSha256).toBe(whole?.weightsSha256);
    const history = await readFile(join(folder, 'killed', 'history.jsonl'), 'utf8');
    const epochs = history
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { epoch: number }).epoch);
    expect(epochs).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('refuses a folder that another process writes, and leaves its run alone', async () => {
    const run = startCommand(train('busy', '--epochs', '500', '--json'));
    await run.sees('epoch 1/500  loss');
    for (const second of [train('busy', '--epochs', '500'), ['train', '--out', join(folder, 'busy'), '--resume']]) {
      expect(await runCommand(second)).toMatchObject({
        code: 1,
        stdout: '',
        stderr:
          `Another process has locked ${join(folder, 'busy')}; waiting a few seconds to see if it was killed.\n` +
          `error: train: --out must be a folder that no other process writes, got ${join(folder, 'busy')}; ` +
          'wait for that run to end, or name another folder: Lock file is already being held\n',
      });
    }
    run.kill('SIGINT');
    const { code, json } = await run.result;
    expect({ code, stopped: json?.stopped }).toEqual({ code: 130, stopped: 'aborted' });
    expect(await readdir(join(folder, 'busy'))).not.toContain('.lock');
  });

  it('leaves no folder behind if it cannot start', async () => {
    const { code } = await runCommand(train('parent/child', '--set', 'batchSize=0'));
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'parent'))).toBe(false);
  });

  it('gives a finished run more epochs, and says that its schedule is another', async () => {
    const constant = ['--config', join(folder, 'constant.json'), '--json'];
    const schedule = { type: 'constant', learningRate: 0.003 };
    await writeFile(join(folder, 'constant.json'), JSON.stringify({ schedule }));
    await runCommand(train('extended', '--epochs', '2', ...constant));
    const extended = await runCommand([
      'train',
      '--out',
      join(folder, 'extended'),
      '--epochs',
      '3',
      '--resume',
      '--json',
    ]);
    expect(extended.stderr).toContain('The run had 2 epochs and now has 3; its learning rate is constant');
    const { json: whole } = await runCommand(train('at-first', '--epochs', '3', ...constant));
    expect(extended.json).toMatchObject({ epochs: 3, weightsSha256: whole?.weightsSha256 });
    const written = JSON.parse(await readFile(join(folder, 'extended', 'config.json'), 'utf8')) as object;
    expect(written).toMatchObject({ config: { epochs: 3 }, extensions: [{ epochs: 2, epochsDone: 2 }] });

    const fewer = await runCommand(['train', '--out', join(folder, 'extended'), '--epochs', '1', '--resume']);
    expect(fewer).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'error: train: epochs must be at least 3, which the checkpoint has begun, got 1; start a new run for fewer',
      ) as unknown,
    });
  });

  it('keeps what made a run diverge', async () => {
    const { code, stderr } = await runCommand(train('diverged', '--preset', 'mlp', '--set', 'learningRate=1000'));
    const message = /^error: (train: loss must be finite, got .*)$/m.exec(stderr)?.[1];
    expect({ code, hasMessage: message !== undefined }).toEqual({ code: 1, hasMessage: true });
    const written = JSON.parse(await readFile(join(folder, 'diverged', 'failure.json'), 'utf8')) as object;
    expect(written).toEqual({ reason: 'diverged', message });
  });
});
