import type { PixelFigures } from '@digits/model';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, startCommand } from '../testing/command.ts';

jest.setTimeout(300_000);

/** The preset with a small network and few, small pages. */
const SMALL_INK = {
  preset: 'ink',
  epochs: 3,
  batchSize: 16,
  validationSize: 20,
  pages: { count: 70 },
  architecture: {
    inputShape: [32, 32, 1],
    layers: [
      { type: 'conv2d', name: 'conv1', filters: 4, kernelSize: [3, 3], strides: [1, 1], padding: 'same', useBias: false }, // prettier-ignore
      { type: 'batchNormalization', name: 'bn1', momentum: 0.9, epsilon: 1e-3 },
      { type: 'relu', name: 'relu1' },
      { type: 'maxPooling2d', name: 'pool1', poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
      { type: 'upSampling2d', name: 'up1', size: [2, 2] },
      { type: 'add', name: 'add1', from: 'relu1' },
      { type: 'conv2d', name: 'logits', filters: 2, kernelSize: [1, 1], strides: [1, 1], padding: 'same', useBias: true }, // prettier-ignore
    ],
  },
};

let folder: string;
let first: Awaited<ReturnType<typeof runCommand>>;

const ink = (out: string, ...args: string[]) => [
  'train',
  '--config',
  join(folder, 'ink.json'),
  '--out',
  join(folder, 'runs', out),
  ...args,
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-ink-'));
  await mkdir(join(folder, 'runs'));
  await writeFile(join(folder, 'ink.json'), JSON.stringify(SMALL_INK));
  first = await runCommand(ink('first', '--threads', '1', '--json'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('train --preset ink', () => {
  it('prints the figures of each channel as its last line and writes the run folder', async () => {
    expect(first.code).toBe(0);
    expect(first.json).toMatchObject({
      engine: 'simd',
      seed: 42,
      epochs: 3,
      stopped: 'completed',
      modelDir: join(folder, 'runs', 'first', 'model'),
      figures: { count: 20 },
    });
    const { validation, trainingKinds } = first.json?.figures as PixelFigures;
    for (const set of [validation, trainingKinds]) {
      expect(set.map(({ channel }) => channel)).toEqual(['ink', 'ruling']);
    }
    expect(first.stderr).toContain('Generating 110 pages...');
    expect(first.stderr).toContain('20 validation pages, with other kinds of paper and writing than in training');
    const files = [
      'checkpoint.bin',
      'config.json',
      'history.jsonl',
      'metrics.json',
      'model',
      'report.html',
      'steps.jsonl',
    ];
    expect((await readdir(join(folder, 'runs', 'first'))).sort()).toEqual(files);
    const metrics = await readFile(join(folder, 'runs', 'first', 'metrics.json'), 'utf8');
    expect(JSON.parse(metrics)).toEqual(first.json);
  });

  it('ends with the same weights on any number of threads', async () => {
    const { json } = await runCommand(ink('threads', '--threads', '3', '--json'));
    expect(json?.weightsSha256).toBe(first.json?.weightsSha256);
    expect(json?.figures).toEqual(first.json?.figures);
  });

  it('ends with the same weights when killed and resumed', async () => {
    const run = startCommand(ink('killed', '--json'));
    await run.sees('epoch 1/3  loss');
    run.kill('SIGKILL');
    await run.result;
    const { code, json } = await runCommand(['train', '--out', join(folder, 'runs', 'killed'), '--resume', '--json']);
    expect(code).toBe(0);
    expect(json?.weightsSha256).toBe(first.json?.weightsSha256);
  });

  it('stops on Ctrl-C while it generates pages', async () => {
    const run = startCommand(ink('interrupted', '--set', 'pages.count=100000'));
    await run.sees('Generating 100,040 pages...');
    run.kill('SIGINT');
    const { code, stderr } = await run.result;
    expect(code).toBe(130);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'error: train: interrupted while pages were generated; there is nothing to keep',
    );
    expect(await readdir(join(folder, 'runs'))).not.toContain('interrupted');
  });

  it("is repeated by the run's own config.json, and fine-tunes its model", async () => {
    const config = join(folder, 'runs', 'first', 'config.json');
    const plan = await runCommand(['train', '--config', config, '--dry-run', '--json']);
    expect(plan.json).toMatchObject({
      request: { preset: 'ink', dataset: 'pages' },
      config: { pages: { count: 70 } },
      pages: { numTraining: 70, numValidation: 20 },
      parameters: 4 * 9 + 8 + 10,
    });
    const tuned = await runCommand(ink('tuned', '--init', join(folder, 'runs', 'first'), '--epochs', '1', '--json'));
    expect(tuned.code).toBe(0);
    expect(tuned.json?.weightsSha256).not.toBe(first.json?.weightsSha256);
  });

  it.each([
    ['--dataset', './images'],
    ['--add', './images'],
    ['--preprocess', 'picture'],
  ])('refuses %s', async (option, value) => {
    const { code, stderr } = await runCommand(['train', '--preset', 'ink', option, value]);
    expect([code, stderr]).toEqual([
      2,
      `error: train: ${option} must be left out with the preset ink, which generates its pages, got ${value}\n`,
    ]);
  });

  it('is not swept', async () => {
    const { code, stderr } = await runCommand(['sweep', '--preset', 'ink', '--set', 'batchSize=1,2']);
    expect([code, stderr]).toEqual([
      2,
      'error: sweep: --preset must be one that answers for classes, got ink; use train\n',
    ]);
  });
});

describe('a run of the preset ink', () => {
  it('is evaluated on the same pages, with the same figures', async () => {
    const { code, json } = await runCommand(['evaluate', '--model', join(folder, 'runs', 'first'), '--json']);
    expect(code).toBe(0);
    const { figures, weightsSha256, seed } = first.json ?? {};
    expect(json).toMatchObject({ figures, weightsSha256, seed, engine: 'simd' });
  });

  it('is not evaluated on labelled images', async () => {
    const { code, stderr } = await runCommand([
      'evaluate',
      '--model',
      join(folder, 'runs', 'first'),
      '--split',
      'test',
    ]);
    expect([code, stderr]).toEqual([
      2,
      'error: evaluate: --split must be left out with a model that answers for pixels, which is measured on generated pages\n',
    ]);
  });

  it('does not read pictures', async () => {
    const { code, stderr } = await runCommand(['predict', '--model', join(folder, 'runs', 'first'), 'seven.png']);
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        /^error: loadModel: .* model must answer for classes, got one that answers for pixels \(ink, ruling\); name the model of a classifier$/,
      ),
    ]);
  });

  it('is listed apart from runs that answer for classes', async () => {
    const { code, json, stderr } = await runCommand(['runs', join(folder, 'runs'), '--json']);
    expect(code).toBe(0);
    expect(json?.runs).toEqual([]);
    const rows = json?.pixelRuns as Record<string, unknown>[];
    expect(rows.find(({ run }) => run === 'first')).toMatchObject({
      status: 'completed',
      epochs: 3,
      figures: first.json?.figures,
      weightsSha256: first.json?.weightsSha256,
    });
    expect(stderr).toMatch(/run +preset +seed +epochs +ink AP +ink F1 +ruling AP/);
  });

  it('has a report with curves, figures and pages', async () => {
    const path = join(folder, 'runs', 'first', 'report.html');
    const report = await readFile(path, 'utf8');
    const headings = [...report.matchAll(/<h[2]>([^<]+)<\/h[2]>/g)].map(([, heading]) => heading);
    expect(headings).toEqual(['Curves', 'Figures', 'Validation pages', 'Do it again', 'Details']);
    const { validation } = first.json?.figures as PixelFigures;
    for (const { averagePrecision } of validation) expect(report).toContain(averagePrecision.toFixed(4));
    // A page, three channels as predicted and three as they are.
    expect([...report.matchAll(/<img src="data:image\/png/g)]).toHaveLength(12 * 5);
    expect(report).toContain('alt="Predicted ruling of page 11"');
    expect(report).toContain('on generated pages');
    expect(report).not.toContain('--dataset');
    await writeFile(path, '');
    expect((await runCommand(['report', '--run', join(folder, 'runs', 'first')])).code).toBe(0);
    expect(await readFile(path, 'utf8')).toBe(report);
  });
});
