import { type LabelledImages, selectImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { type Architecture, createModel, initialWeights } from '@digits/model';
import { loadModel } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset, openSplit } from './open-dataset.ts';
import { runCommand } from '../testing/command.ts';
import { writePictureClasses, writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(300_000);

const NAMES = ['zero', 'one', 'two'];
let folder: string;
let pictures: string;
let some: LabelledImages;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-own-'));
  pictures = join(folder, 'pictures');
  some = selectImages(
    await loadSplit('mnist', 'test'),
    Uint32Array.from({ length: 140 }, (_, i) => i),
  );
  await writePictureClasses(pictures, some, NAMES);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const count = (labels: Uint8Array, label: number) => labels.filter((one) => one === label).length;

const CUT = { seed: 1, validationSize: 5 };

describe('openDataset', () => {
  it('makes a class of each subfolder and puts one in seven pictures aside for the test split', async () => {
    const opened = await openDataset({ source: pictures });
    const { classNames, train, test, testNames, preprocessing, notes } = opened;
    expect(classNames).toEqual(['one', 'two', 'zero']);
    const all = [1, 2, 0].map((digit) => count(some.labels, digit));
    expect(all.map((_, label) => count(train.labels, label) + count(test.labels, label))).toEqual(all);
    expect(test.count).toBe(Math.floor(all.reduce((sum, n) => sum + n, 0) / 7));
    expect(testNames.map((name) => classNames.indexOf(name.split('/')[0]))).toEqual([...test.labels]);
    expect([train.height, train.width, train.channels, preprocessing]).toEqual([28, 28, 1, 'resize']);
    expect(notes[0]).toMatch(/^The data set has no test split: one in seven/);
  });

  it('gives white ink on black, also of pictures that are black on white', async () => {
    const { train } = await openDataset({ source: pictures });
    const corners = Array.from({ length: train.count }, (_, i) => train.images[i * 784]);
    expect(corners.every((value) => value === 0)).toBe(true);
    // Ten times as large and back: MNIST's own pixels, but for the rounding of what grew.
    const first = some.labels.indexOf(1);
    const original = some.images.subarray(first * 784, (first + 1) * 784);
    const likest = Math.min(
      ...Array.from({ length: train.count }, (_, i) =>
        original.reduce((sum, value, j) => sum + Math.abs(value - train.images[i * 784 + j]), 0),
      ),
    );
    expect(likest / original.reduce((sum, value) => sum + value, 0)).toBeLessThan(0.3);
  });

  it('gives the same split and checksum again, and another checksum where pictures are missing', async () => {
    const [first, again] = [await openDataset({ source: pictures }), await openDataset({ source: pictures })];
    expect(again).toEqual(first);
    const fewer = join(folder, 'fewer');
    await writePictureClasses(fewer, selectImages(some, [...Array(100).keys()]), NAMES);
    expect((await openDataset({ source: fewer })).checksum).not.toBe(first.checksum);
  });

  it('takes the splits of the data set, the validation split too', async () => {
    const split = join(folder, 'split');
    await writePictureClasses(join(split, 'Train'), some, NAMES);
    await writePictureClasses(join(split, 'val'), selectImages(some, [1, 2, 3, 5]), NAMES);
    await writePictureClasses(join(split, 'TEST'), selectImages(some, [1, 2, 3]), NAMES);
    const { classNames, train, validation, test, notes } = await openDataset({ source: split });
    expect(classNames).toEqual(['one', 'two', 'zero']);
    expect(train.count).toBe([0, 1, 2].reduce((sum, digit) => sum + count(some.labels, digit), 0));
    // MNIST's test images 1, 2, 3 and 5 are a 2, a 1, a 0 and a 1.
    expect([...(validation?.labels ?? [])]).toEqual([0, 0, 1, 2]);
    expect([...test.labels]).toEqual([0, 1, 2]);
    expect(notes.filter((line) => line.includes('also among the'))).toHaveLength(2);
  });

  it('keeps what it read in a folder, and reads again when a file changes', async () => {
    const source = join(folder, 'changing');
    await writePictureClasses(source, selectImages(some, [...Array(30).keys()]), NAMES);
    const cache = join(folder, 'cache', 'below');
    const plain = await openDataset({ source });
    const told: string[] = [];
    const onRead = (_: number, __: number, things: string) => told.push(things);
    expect(await openDataset({ source, cache, onRead })).toEqual(plain);
    expect(told).toContain('pictures');
    told.length = 0;
    expect(await openDataset({ source, cache, onRead })).toEqual(plain);
    expect(told).toEqual([]);
    await writeFile(join(source, 'one', 'more.png'), await readFile(join(pictures, 'one', '2.png')));
    expect((await openDataset({ source, cache })).checksum).not.toBe(plain.checksum);
    for (const name of await readdir(cache)) await writeFile(join(cache, name), 'damaged');
    expect((await openDataset({ source, cache, preprocess: 'resize' })).train.count).toBeGreaterThan(0);
    await expect(openDataset({ source, cache: join(source, 'one', '2.png') })).rejects.toThrow(
      '--cache must be a folder that can be written',
    );
  });

  it('refuses a single class', async () => {
    const single = join(folder, 'single');
    await writePictureClasses(single, selectImages(some, [2, 5]), ['none', 'only']);
    await expect(openDataset({ source: single })).rejects.toThrow(
      `--dataset must hold 2 classes at least, got 1 in ${single}`,
    );
  });

  it('names --add if there is no folder, or another than a class in it', async () => {
    await expect(openDataset({ source: pictures, add: join(folder, 'nowhere') })).rejects.toThrow(
      `--add must be a labelled set with the classes of the data set, got ${join(folder, 'nowhere')}`,
    );
    const letters = join(folder, 'letters');
    await writePictureClasses(letters, selectImages(some, [1, 2, 3]), ['a', 'b', 'c']);
    await expect(openDataset({ source: pictures, add: letters })).rejects.toThrow(
      `--add: ${letters} must hold the classes one, two, zero alone, got a`,
    );
  });
});

describe('openSplit', () => {
  const architecture: Architecture = {
    inputShape: [28, 28, 1],
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: 3, useBias: false },
    ],
  };
  const model = createModel(architecture, initialWeights(architecture, 1), {
    classNames: ['zero', 'one', 'two'],
    preprocessing: 'resize',
  });

  it('reads all images of a data set without splits, in the classes of the model', async () => {
    const { split, labelled, names } = await openSplit(pictures, model, { cut: null });
    expect(split).toBe('all');
    expect(labelled.count).toBe([0, 1, 2].reduce((sum, digit) => sum + count(some.labels, digit), 0));
    expect(names.map((name) => NAMES.indexOf(name.split('/')[0]))).toEqual([...labelled.labels]);
  });

  it('reads the part that was put aside if the model was trained on the data set', async () => {
    const { checksum, test } = await openDataset({ source: pictures });
    const own = createModel(architecture, model.weights, {
      ...model.metadata,
      dataset: { name: 'elsewhere', sha256: checksum },
    });
    const { split, labelled, names: testNames } = await openSplit(pictures, own, { cut: null });
    expect(split).toBe('test');
    expect(labelled.images).toEqual(test.images);
    const parts = await Promise.all(
      (['train', 'validation'] as const).map((name) => openSplit(pictures, own, { cut: CUT, split: name })),
    );
    expect(parts[1].labelled.count).toBe(CUT.validationSize);
    const names = parts.flatMap((part) => part.names);
    expect(new Set([...names, ...testNames]).size).toBe(names.length + labelled.count);
  });

  it('names a class that the model does not have', async () => {
    const other = createModel(architecture, model.weights, { ...model.metadata, classNames: ['a', 'b', 'zero'] });
    await expect(openSplit(pictures, other, { cut: null })).rejects.toThrow(
      `--dataset: ${pictures} must hold the classes a, b, zero alone, got one`,
    );
  });
});

describe('train on own pictures', () => {
  it('keeps the class names in the model, for evaluate and predict to use', async () => {
    const out = join(folder, 'run');
    const options = ['--epochs', '15', '--set', 'batchSize=16', '--json'];
    const { code, json } = await runCommand(['train', '--dataset', pictures, '--out', out, ...options]);
    expect(code).toBe(0);
    expect((await loadModel(join(out, 'model'))).metadata).toMatchObject({
      classNames: ['one', 'two', 'zero'],
      preprocessing: 'resize',
    });
    const evaluated = await runCommand(['evaluate', '--model', out, '--dataset', pictures, '--json']);
    expect(evaluated.json).toMatchObject(json?.test as object);
    const predicted = await runCommand(['predict', '--model', out, '--json', join(pictures, 'zero', '3.png')]);
    expect(predicted.json).toMatchObject({ className: 'zero', digit: 2 });
  });

  it('adds pictures to another set, from the weights of a trained model', async () => {
    const set = join(folder, 'small-mnist');
    await writeSmallDataset(set, { numTrain: 300, numTest: 50 });
    const added = join(folder, 'added');
    await writePictureClasses(added, some, ['0', '1', '2']);
    const first = await runCommand([
      'train',
      '--dataset',
      set,
      '--epochs',
      '1',
      '--out',
      join(folder, 'first'),
      '--json',
    ]);
    const args = [
      'train',
      '--dataset',
      set,
      '--add',
      added,
      '--init',
      join(folder, 'first'),
      '--epochs',
      '1',
      '--dry-run',
      '--json',
    ];
    const planned = await runCommand(args);
    const numAdded = [0, 1, 2].reduce((sum, digit) => sum + count(some.labels, digit), 0);
    const { numTraining } = (planned.json as { dataset: { numTraining: number } }).dataset;
    const { validationSize } = (planned.json as { config: { validationSize: number } }).config;
    expect(numTraining + validationSize).toBe(300 + numAdded);
    const tuned = await runCommand([...args.slice(0, -2), '--out', join(folder, 'tuned'), '--json']);
    expect(tuned.code).toBe(0);
    // What it started from is not needed to go on.
    await rm(join(folder, 'first'), { recursive: true });
    const resumed = await runCommand(['train', '--out', join(folder, 'tuned'), '--resume', '--json']);
    expect(resumed.json?.weightsSha256).toBe(tuned.json?.weightsSha256);
    expect(tuned.json?.weightsSha256).not.toBe(first.json?.weightsSha256);
  });

  it('repeats and resumes a run with its own preprocessing even if the default has changed', async () => {
    const out = join(folder, 'earlier');
    const args = ['train', '--dataset', pictures, '--preprocess', 'picture', '--epochs', '1', '--out', out, '--json'];
    expect((await runCommand(args)).code).toBe(0);
    const path = join(out, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as { request: { preprocess?: string } };
    // Earlier versions prepared pictures so by default.
    delete config.request.preprocess;
    await writeFile(path, JSON.stringify(config));
    const again = await runCommand(['train', '--config', path, '--dry-run', '--json']);
    expect(again.json).toMatchObject({ request: { preprocess: 'picture' } });
    const resumed = await runCommand(['train', '--out', out, '--resume', '--dry-run', '--json']);
    expect(resumed.json).toMatchObject({ request: { preprocess: 'picture' } });
  });

  it('refuses to start from a model with other layers, and leaves the folder free', async () => {
    const args = [
      'train',
      '--dataset',
      pictures,
      '--preset',
      'mlp',
      '--init',
      join(folder, 'run'),
      '--out',
      join(folder, 'x'),
    ];
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: train: --init must be a model with the layers of this run, got none named dense1\/kernel/m,
    );
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});
