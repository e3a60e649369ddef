import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../testing/command.ts';
import { writePictureClasses, writeSmallDataset } from '../testing/datasets.ts';

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

describe('evaluate on IDX images of another size than 28x28', () => {
  const evaluateSmall = (small: string, ...args: string[]) =>
    runCommand(['evaluate', '--dataset', small, '--json', ...args]);
  let small: string;

  beforeAll(async () => {
    small = join(folder, 'small-16');
    await writeSmallDataset(small, { numTrain: 200, numTest: 98, side: 16, numBlank: 3 });
  });

  it('preprocesses them as predict does, and counts those without a digit apart', async () => {
    const { code, json, stderr } = await evaluateSmall(small);
    expect({ code, numUnread: json?.numUnread, count: json?.count }).toEqual({ code: 0, numUnread: 3, count: 95 });
    expect(json?.accuracy).toBeGreaterThan(0.8);
    expect(stderr).toMatch(/^3 images are left out \(t10k-images-idx3-ubyte:0: no ink was found; .*\)\.$/m);
  });

  it('refuses them with --preprocess none, although 98 of them have as many values as 32 of 28x28', async () => {
    const { code, stderr } = await evaluateSmall(small, '--preprocess', 'none');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: --dataset must hold images of 28x28 for this model, got 16x16 in ${small}; leave out --preprocess none\n`,
    });
  });

  it('leaves images without a digit out of a training, and cuts the same validation split again', async () => {
    const out = join(folder, 'run-16');
    const trained = await runCommand(['train', '--dataset', small, '--epochs', '1', '--out', out, '--json']);
    expect(trained.stderr).toMatch(/^6 images are left out \(train-images-idx3-ubyte:0: no ink was found; .*\)\.$/m);
    expect(trained.json).toMatchObject({ test: { count: 95 } });
    const { metadata } = await loadModel(join(out, 'model'));
    expect(metadata.preprocessing).toBe('resize');
    const rejected = await readFile(join(out, 'rejected.csv'), 'utf8');
    // MNIST begins with a 5, a 0 and a 4, its test split with a 7, a 2 and a 1.
    expect(rejected).toBe(
      ['name,class,reason', ...[5, 0, 4].map((digit, i) => `train-images-idx3-ubyte:${i},${digit},no ink was found`)]
        .concat(
          [7, 2, 1].map((digit, i) => `t10k-images-idx3-ubyte:${i},${digit},no ink was found`),
          '',
        )
        .join('\n'),
    );
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8')) as { dataset: { numRejected: number } };
    expect(config.dataset.numRejected).toBe(6);
    for (const split of ['test', 'validation']) {
      const { json } = await evaluateSmall(small, '--model', out, '--split', split);
      expect(json).toMatchObject(trained.json?.[split] as object);
    }
  });

  it('refuses a set in which no image holds a digit', async () => {
    const blank = join(folder, 'blank-16');
    await writeSmallDataset(blank, { numTrain: 5, numTest: 5, side: 16, numBlank: 5 });
    const { code, stderr } = await evaluateSmall(blank);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: --dataset must hold images with something on them, got 5 in which nothing is found\n',
    });
  });
});

describe('evaluate on a folder of pictures', () => {
  const CLASSES = Array.from('abcdefghij');
  let letters: string;
  let trained: Record<string, unknown> | null;

  beforeAll(async () => {
    letters = join(folder, 'letters');
    const { train, test } = await writeSmallDataset(join(folder, 'idx'), { numTrain: 140, numTest: 20 });
    await writePictureClasses(letters, train, CLASSES);
    await writePictureClasses(join(folder, 'others'), test, CLASSES);
    const args = ['train', '--dataset', letters, '--epochs', '1', '--out', join(folder, 'run-letters'), '--json'];
    ({ json: trained } = await runCommand(args));
  });

  it('gives the test figures of the training again without --dataset, and the same table of answers', async () => {
    const csv = join(folder, 'answers.csv');
    const { json } = await runCommand(['evaluate', '--model', join(folder, 'run-letters'), '--csv', csv, '--json']);
    expect(json).toMatchObject({ ...(trained?.test as object), dataset: letters, count: 20 });
    const table = await readFile(csv, 'utf8');
    expect(table).toBe(await readFile(join(folder, 'run-letters', 'predictions.csv'), 'utf8'));
    const [header, first] = table.split('\n');
    expect(header).toBe(
      `index,file,label,labelName,answer,answerName,confidence,${CLASSES.map((name) => `probability of ${name}`).join()}`,
    );
    expect(first).toMatch(/^0,a\/\d+\.png,0,a,/);
  });

  it('scores every picture of another folder, and says that it is another', async () => {
    const others = join(folder, 'others');
    const { json, stderr } = await runCommand([
      'evaluate',
      '--model',
      join(folder, 'run-letters'),
      '--dataset',
      others,
      '--json',
    ]);
    expect(json).toMatchObject({ split: 'all', count: 20 });
    expect(stderr).toMatch(
      /^This is another data set than the one that the model was trained on: .*letters \(SHA-256 [0-9a-f]{12}\)\.$/m,
    );
  });
});
