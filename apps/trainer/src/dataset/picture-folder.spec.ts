import { type LabelledImages, selectImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { loadModel } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAddedPictures, readPictureFolder } from './picture-folder.ts';
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

describe('readPictureFolder', () => {
  it('makes a class of each subfolder and puts one in seven pictures aside for the test split', async () => {
    const { classNames, train, test, checksum } = await readPictureFolder(pictures);
    expect(classNames).toEqual(['one', 'two', 'zero']);
    const all = [1, 2, 0].map((digit) => count(some.labels, digit));
    expect(all.map((_, label) => count(train.labels, label) + count(test.labels, label))).toEqual(all);
    expect(test.count).toBe(Math.floor(all.reduce((sum, n) => sum + n, 0) / 7));
    expect([train.height, train.width, train.channels]).toEqual([28, 28, 1]);
    expect(checksum).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives the same split and checksum again, and another checksum where pictures are missing', async () => {
    const [first, again] = [await readPictureFolder(pictures), await readPictureFolder(pictures)];
    expect(again).toEqual(first);
    const fewer = join(folder, 'fewer');
    await writePictureClasses(
      fewer,
      selectImages(
        some,
        Uint32Array.from({ length: 100 }, (_, i) => i),
      ),
      NAMES,
    );
    expect((await readPictureFolder(fewer)).checksum).not.toBe(first.checksum);
  });

  it('takes subfolders train and test for the splits', async () => {
    const split = join(folder, 'split');
    await writePictureClasses(join(split, 'train'), some, NAMES);
    await writePictureClasses(join(split, 'test'), selectImages(some, [1, 2, 3]), NAMES);
    const { classNames, train, test } = await readPictureFolder(split);
    expect(classNames).toEqual(['one', 'two', 'zero']);
    expect(train.count).toBe([0, 1, 2].reduce((sum, digit) => sum + count(some.labels, digit), 0));
    // MNIST's test images 1 to 3 are a 2, a 1 and a 0.
    expect([...test.labels].sort()).toEqual([0, 1, 2]);
  });

  it('names the pictures that cannot be read, all at once', async () => {
    const bad = join(folder, 'bad');
    await writePictureClasses(bad, selectImages(some, [1, 2, 3]), NAMES);
    await writeFile(join(bad, 'one', 'text.png'), 'no picture');
    await writeFile(join(bad, 'two', 'empty.jpg'), '');
    await expect(readPictureFolder(bad)).rejects.toThrow(
      /got 2 of 5 that are not: .*text\.png \(.*must be PNG.*empty\.jpg \(.*an empty file.*; remove or replace them/,
    );
  });

  it('refuses a single class and a subfolder that is no class', async () => {
    await mkdir(join(folder, 'single', 'only'), { recursive: true });
    await expect(readPictureFolder(join(folder, 'single'))).rejects.toThrow(/must hold 2 to 256 subfolders, .*got 1/);
    await expect(readPictureFolder(pictures, ['zero', 'one'])).rejects.toThrow(
      /must hold subfolders named as the classes \(zero, one\), got two/,
    );
  });
});

describe('readAddedPictures', () => {
  it('names --add where there is no folder, or another than a class in it', async () => {
    await expect(readAddedPictures(join(folder, 'nowhere'), NAMES)).rejects.toThrow(
      `--add must be a folder with a subfolder of pictures for each class, got ${join(folder, 'nowhere')}`,
    );
    await expect(readAddedPictures(pictures, ['zero', 'one'])).rejects.toThrow(
      /^--add: .*pictures must hold subfolders named as the classes \(zero, one\), got two/,
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
      preprocessing: 'picture',
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
