import { createTfjsEngine } from '@digits/engine-tfjs/node';
import { engineContract } from '@digits/engine-contract';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LINKS, removeLink } from './places.mjs';

const workspace = join(__dirname, '..', '..', '..');
const isSetUp = process.env.DIGITS_TENSORFLOW_IS_SET_UP === 'yes';

/** Runs a program of the workspace with this Node, from sources or built. */
function run(program: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(workspace, program), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    maxBuffer: 2 ** 26,
  });
}

/** 28x28 pictures of a bar whose height is the label: learnt in a few steps. */
function writeBars(folder: string, split: string, count: number): void {
  const images = Buffer.alloc(16 + count * 784);
  images.set([0, 0, 8, 3]);
  [count, 28, 28].forEach((size, i) => images.writeUInt32BE(size, 4 + 4 * i));
  const labels = Buffer.alloc(8 + count);
  labels.set([0, 0, 8, 1]);
  labels.writeUInt32BE(count, 4);
  for (let i = 0; i < count; i++) {
    labels[8 + i] = i % 10;
    const top = 16 + i * 784 + (i % 10) * 56;
    images.fill(200 + (i % 50), top, top + 112);
  }
  writeFileSync(join(folder, `${split}-images-idx3-ubyte`), images);
  writeFileSync(join(folder, `${split}-labels-idx1-ubyte`), labels);
}

interface Run {
  readonly figures: Record<string, unknown>;
  readonly history: readonly { readonly trainLoss: number; readonly learningRate: number }[];
}

/** Removes the links unless they existed before the tests; the cache stays. */
afterAll(() => {
  if (process.env.DIGITS_TENSORFLOW_WAS_LINKED === 'no') LINKS.forEach(removeLink);
});

(isSetUp ? describe : describe.skip)('the tensorflow backend after set-up', () => {
  let folder: string;
  let runs: Record<'tensorflow' | 'wasm', Run>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'digits-'));
    writeBars(folder, 'train', 1500);
    writeBars(folder, 't10k', 100);
    runs = { tensorflow: train('tensorflow'), wasm: train('wasm') };
  }, 300_000);

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** The JSON that a command on a backend ends with. */
  function command(name: string, backend: string, ...args: string[]): Record<string, unknown> {
    const engine = ['--engine', 'tfjs', '--tfjs-backend', backend, '--json'];
    const { status, stdout, stderr } = run('apps/trainer/dist/main.js', name, ...engine, ...args);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  }

  function train(backend: string): Run {
    const out = join(folder, backend);
    const figures = command('train', backend, '--dataset', folder, '--epochs', '2', '--seed', '3', '--out', out);
    const history = readFileSync(join(out, 'history.jsonl'), 'utf8').trimEnd().split('\n');
    return { figures, history: history.map((line) => JSON.parse(line) as Run['history'][number]) };
  }

  it('trains from the command line', () => {
    expect(runs.tensorflow.figures).toMatchObject({ engine: 'tfjs', seed: 3, test: { count: 100, accuracy: 1 } });
  });

  it('draws the same curve as wasm from the same seed', () => {
    const { tensorflow, wasm } = runs;
    expect(tensorflow.history).toHaveLength(2);
    tensorflow.history.forEach(({ trainLoss, learningRate }, epoch) => {
      expect(Math.abs(trainLoss - wasm.history[epoch].trainLoss)).toBeLessThan(0.005);
      expect(learningRate).toBe(wasm.history[epoch].learningRate);
    });
  });

  it('evaluates from the command line, as wasm does', () => {
    const args = ['--model', join(folder, 'tensorflow'), '--dataset', folder];
    const tensorflow = command('evaluate', 'tensorflow', ...args);
    expect(tensorflow).toMatchObject({ split: 'test', count: 100, accuracy: 1 });
    expect(tensorflow.logLoss).toBeCloseTo(command('evaluate', 'wasm', ...args).logLoss as number, 5);
  }, 120_000);

  it('predicts from the command line, as wasm does', () => {
    const args = ['--model', join(folder, 'tensorflow'), '--single', join(workspace, 'docs', 'images', 'seven.jpg')];
    const { digit, confidence } = command('predict', 'tensorflow', ...args);
    const wasm = command('predict', 'wasm', ...args);
    expect(wasm.confidence).toBeGreaterThan(0);
    expect(digit).toBe(wasm.digit);
    expect(confidence).toBeCloseTo(wasm.confidence as number, 5);
  }, 120_000);

  engineContract(() => createTfjsEngine({ backend: 'tensorflow' }));
});
