import { encodeIdx } from '@digits/data';
import { SPLIT_FILES } from '@digits/data/node';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(120_000);

const { train: TRAIN } = SPLIT_FILES;
let folder: string;
let dataset: string;
let model: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-bad-'));
  dataset = join(folder, 'good');
  model = join(folder, 'trained', 'model');
  await writeSmallDataset(dataset, { numTrain: 200, numTest: 50 });
  await runCommand(['train', '--dataset', dataset, '--epochs', '1', '--out', join(folder, 'trained')]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of the good data set with one file replaced. */
async function datasetWith(name: string, file: string, bytes: Uint8Array): Promise<string> {
  const copy = join(folder, name);
  await cp(dataset, copy, { recursive: true });
  await writeFile(join(copy, file), bytes);
  return copy;
}

/** A copy of the trained model that `change` damages. */
async function modelWith(name: string, change: (copy: string) => Promise<void>): Promise<string> {
  const copy = join(folder, name);
  await cp(model, copy, { recursive: true });
  await change(copy);
  return copy;
}

async function expectFailure(args: readonly string[], code: number, message: RegExp): Promise<void> {
  const result = await runCommand(args, folder);
  expect(result.stderr).toMatch(message);
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' });
  expect(result.stderr).not.toMatch(/\n\s+at /);
}

const train = (source: string) => ['train', '--dataset', source, '--epochs', '1', '--out', join(folder, 'never')];

describe('a data set that cannot be trained on', () => {
  const labels = (values: number[]) =>
    encodeIdx({ type: 'uint8', shape: [values.length], values: Uint8Array.from(values) });

  it('is refused where the folder lacks the files', async () => {
    await mkdir(join(folder, 'empty'), { recursive: true });
    await expectFailure(
      train(join(folder, 'empty')),
      1,
      /^error: openStoredDataset: .* one of: .*train-images-idx3-ubyte.*empty' with nothing in it$/m,
    );
  });

  it('is refused where the folder is not there', async () => {
    await expectFailure(
      train(join(folder, 'nowhere')),
      1,
      /data set must be 'mnist', a file or a folder, got .*nowhere/,
    );
  });

  it('is refused where labels are given as images', async () => {
    const swapped = await datasetWith('swapped', TRAIN.images, await readFile(join(dataset, TRAIN.labels)));
    await expectFailure(train(swapped), 1, /magic must be 0x00000803, got 0x00000801/);
  });

  it('is refused where a file is truncated', async () => {
    const bytes = await readFile(join(dataset, TRAIN.images));
    const truncated = await datasetWith('truncated', TRAIN.images, bytes.subarray(0, 1000));
    await expectFailure(train(truncated), 1, /train-images-idx3-ubyte.*156816.*got 1000/);
  });

  it('is refused where it holds no images', async () => {
    const none = await datasetWith(
      'none',
      TRAIN.images,
      encodeIdx({ type: 'uint8', shape: [0, 28, 28], values: new Uint8Array() }),
    );
    await expectFailure(train(none), 1, /train-images-idx3-ubyte must hold at least 1 image, got 0/);
  });

  it('is refused where counts differ', async () => {
    const fewer = await datasetWith('fewer', TRAIN.labels, labels([1, 2, 3]));
    await expectFailure(train(fewer), 1, /train-labels-idx1-ubyte must hold 200 labels, .*got 3/);
  });

  it('is refused where a test label is outside the classes', async () => {
    const strange = await datasetWith('strange', SPLIT_FILES.test.labels, labels(Array.from({ length: 50 }, () => 77)));
    await expectFailure(train(strange), 1, /t10k-labels-idx1-ubyte must hold labels in \[0, 10\), got 77 at 0/);
  });
});

describe('a model that cannot be evaluated', () => {
  const evaluate = (dir: string) => ['evaluate', '--model', dir, '--dataset', dataset];

  it('is refused where the weights are missing', async () => {
    const damaged = await modelWith('no-weights', (copy) => rm(join(copy, 'weights.bin')));
    await expectFailure(evaluate(damaged), 1, /must hold model.json and weights.bin, got only model.json/);
  });

  it('is refused where the weights are of another architecture', async () => {
    const other = join(folder, 'other');
    await runCommand(['train', '--preset', 'mlp', '--dataset', dataset, '--epochs', '1', '--out', other]);
    const mixed = await modelWith('mixed', (copy) =>
      cp(join(other, 'model', 'weights.bin'), join(copy, 'weights.bin')),
    );
    await expectFailure(evaluate(mixed), 1, /weights\.bin.*must/);
  });

  it('is refused where there is no folder', async () => {
    await expectFailure(
      evaluate(join(folder, 'nowhere')),
      1,
      /must hold model.json and weights.bin, got no such folder/,
    );
  });
});

describe('wrong usage', () => {
  it.each([
    ['an unknown option', ['train', '--epoch', '3'], /unknown option '--epoch'/],
    ['an unknown command', ['trian'], /unknown command 'trian'/],
    ['an unknown preset', ['train', '--preset', 'huge'], /'huge' is invalid.*mlp, fast, accurate/],
    ['an unknown engine', ['train', '--engine', 'torch'], /'torch' is invalid.*simd, tfjs/],
    [
      'an unknown backend',
      ['train', '--engine', 'tfjs', '--tfjs-backend', 'gpu'],
      /'gpu' is invalid.*tensorflow, wasm, cpu/,
    ],
    ['a backend without its engine', ['train', '--tfjs-backend', 'wasm'], /--tfjs-backend must go with --engine tfjs/],
    ['--epochs 0', ['train', '--epochs', '0'], /'0' is invalid.*whole number from 1/],
    ['a non-number', ['train', '--epochs', 'ten'], /'ten' is invalid.*whole number/],
    ['a fraction', ['train', '--seed', '1.5'], /'1.5' is invalid.*whole number of at least 0/],
    ['--resume without a run', ['train', '--resume'], /--resume must go with --out DIR/],
    ['an unknown split', ['evaluate', '--split', 'some'], /'some' is invalid.*train, validation, test, all/],
    ['a setting given twice', ['train', '--set', 'seed=7', '--seed', '8'], /^error: train: --set seed must not go with --seed, which sets it too; leave one out$/m], // prettier-ignore
    ['a learning rate under two names', ['train', '--lr', '0.1', '--set', 'schedule.learningRate=1'], /--set schedule.learningRate must not go with --lr, which sets it too/], // prettier-ignore
    ['a setting as a whole and in part', ['train', '--set', 'optimizer.type=sgd', '--set', 'optimizer={"type":"adam"}'], /--set optimizer.type must not go with --set optimizer,/], // prettier-ignore
    ['--set with the same name again', ['train', '--set', 'seed=7', '--set', 'seed=8'], /'seed=8' is invalid. seed was given before; leave one out/], // prettier-ignore
    ['a learning rate that is not a number', ['train', '--lr', 'high'], /'high' is invalid. It must be a number/],
    ['a learning rate of 0', ['train', '--lr', '0'], /settings.schedule.learningRate must be in \(0, 1000\], got 0/],
    ['an unknown setting', ['train', '--set', 'batchsize=64'], /^error: train: --set must name a setting, got batchsize; did you mean batchSize\? docs\/settings.md lists all$/m], // prettier-ignore
    ['a setting without its group', ['train', '--set', 'patience=2'], /got patience; did you mean earlyStopping.patience\?/], // prettier-ignore
    ['a setting like no other', ['train', '--set', 'x=2'], /must name a setting, got x; docs\/settings.md lists all$/m],
    ['a sweep over what is fixed too', ['sweep', '--epochs', '1', '--try', 'epochs=1,2'], /--try epochs must not go with --epochs/], // prettier-ignore
    ['a sweep over an unknown setting', ['sweep', '--set', 'learningrate=1,2'], /got learningrate; did you mean learningRate\?/], // prettier-ignore
    ['a sweep over nothing', ['sweep'], /^error: sweep: --try name=range or --space FILE must be given, got neither$/m],
    ['a range without numbers', ['sweep', '--try', 'learningRate=low..high'], /^error: sweep: --try learningRate must be a range of two numbers, such as 1e-4\.\.1e-1:log, got low\.\.high$/m], // prettier-ignore
    ['a range of a setting that the preset does not have', ['sweep', '--preset', 'fast', '--try', 'optimizer.momentum=0.5..0.9'], /^error: train: settings\.optimizer must have only the fields .*got "momentum"$/m], // prettier-ignore
    ['a range beyond what a setting takes', ['sweep', '--try', 'labelSmoothing=0..2'], /settings\.labelSmoothing must be in \[0, 1\), got 2/], // prettier-ignore
    ['a range of fractions for whole numbers', ['sweep', '--try', 'batchSize=16..256'], /settings\.batchSize must be a whole number in \[1, 65536\], got 104\.8/], // prettier-ignore
    ['a grid of a range', ['sweep', '--strategy', 'grid', '--try', 'learningRate=1e-3..1e-1'], /--strategy grid must have a list of values for learningRate, got a range; add :points=N/], // prettier-ignore
    ['a setting in two options', ['sweep', '--set', 'batchSize=64', '--try', 'batchSize=128'], /--try batchSize must not go with --set, which has it too/], // prettier-ignore
    ['an unknown strategy', ['sweep', '--strategy', 'bohb', '--try', 'batchSize=1'], /'bohb' is invalid.*grid, random, tpe, asha/], // prettier-ignore
    ['asha of one epoch', ['sweep', '--strategy', 'asha', '--epochs', '1', '--try', 'batchSize=1,2'], /--strategy asha must have at least 2 epochs to choose from, got 1; add --epochs/], // prettier-ignore
    ['asha over epochs', ['sweep', '--strategy', 'asha', '--try', 'epochs=1,2'], /--strategy asha must not try epochs/],
    ['asha that compares too late', ['sweep', '--strategy', 'asha', '--min-epochs', '3', '--try', 'batchSize=1,2'], /--min-epochs must be less than the 3 epochs of a training, got 3/], // prettier-ignore
    ['an option of asha without it', ['sweep', '--reduction', '4', '--try', 'batchSize=1,2'], /--reduction must go with --strategy asha, got --strategy grid/], // prettier-ignore
    ['a space that is not there', ['sweep', '--space', 'nowhere.json'], /^error: sweep: --space must be a readable JSON file, got nowhere\.json: ENOENT/m], // prettier-ignore
    ['no workers', ['sweep', '--workers', '0', '--try', 'batchSize=1,2'], /'0' is invalid. It must be a whole number from 1 to 64/], // prettier-ignore
    ['no samples', ['samples', '--model', 'x'], /at least one of --strokes, --pictures and --strings/],
  ])('is %s: exit code 2', async (_, args, message) => {
    await expectFailure(args, 2, message);
  });

  it('is a configuration file with an unknown setting: exit code 2', async () => {
    const config = join(folder, 'typo.json');
    await writeFile(config, JSON.stringify({ learningRat: 1 }));
    await expectFailure(
      [...train(dataset), '--config', config],
      2,
      /^error: train: --config must name a setting, got learningRat; did you mean learningRate\?/,
    );
  });

  it('is a configuration file that is no JSON: exit code 2', async () => {
    const config = join(folder, 'broken.json');
    await writeFile(config, '{');
    await expectFailure(
      [...train(dataset), '--config', config],
      2,
      /--config must be a readable JSON file, got .*broken.json/,
    );
  });

  it('is a configuration file that holds no object: exit code 2', async () => {
    const config = join(folder, 'array.json');
    await writeFile(config, '[1]');
    await expectFailure(
      [...train(dataset), '--config', config],
      2,
      /array\.json: its content must be a JSON object, got \[1\]/,
    );
  });
});

describe('a run folder that is damaged', () => {
  it('is refused by the name of the field that is wrong', async () => {
    const damaged = join(folder, 'damaged');
    await cp(join(folder, 'trained'), damaged, { recursive: true });
    await writeFile(join(damaged, 'history.jsonl'), '{"epoch":"first"}\n');
    await expectFailure(['report', '--run', damaged], 1, /history\.jsonl: line 1: epoch must be a number, got "first"/);
    await writeFile(join(damaged, 'config.json'), '{"request":{}}');
    await expectFailure(['report', '--run', damaged], 1, /config\.json: request\.preset must be given, got nothing/);
  });
});

describe('a run that is resumed', () => {
  it.each([
    ['--add', 'more'],
    ['--init', 'other'],
    ['--preprocess', 'picture'],
  ])('takes no other %s: exit code 2', async (option, value) => {
    await expectFailure(
      ['train', '--out', join(folder, 'trained'), '--resume', option, value],
      2,
      new RegExp(
        `^error: train: ${option} must be the run's own with --resume \\(none\\), got .*${value}; leave it out`,
      ),
    );
  });
});

describe('a table size that is none', () => {
  it.each(['9', '9x', '0x9', '9x51', '-1x9', 'x'])('is refused: %s', async (size) => {
    const rule = 'It must be rows x columns from 1x1 to 50x50, such as 9x9.';
    const message = new RegExp(`^error: option '--grid <RxC>' argument '${size}' is invalid. ${rule}$`, 'm');
    await expectFailure(['predict', `--grid=${size}`, 'a.png'], 2, message);
  });

  it.each(['--single', '--multiple'])('is refused with %s', async (option) => {
    await expectFailure(
      ['predict', '--grid', '9x9', option, 'a.png'],
      2,
      /'--grid <RxC>' cannot be used with option '--/,
    );
  });
});

describe('samples that are not there', () => {
  it.each<[string[], number, RegExp]>([
    [['.', '--strings', 'a'], 2, /PATH must be given without --strings, got both/],
    [['nowhere'], 1, /PATH must be a readable file or folder of labelled samples, got .*nowhere/],
  ])('are refused: %j', async (args, code, message) => {
    await expectFailure(['samples', ...args], code, message);
  });
});

describe('an --out that cannot be written', () => {
  it('is refused where it is below a file', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const args = ['train', '--dataset', dataset, '--out', join(file, 'run')];
    await expectFailure(args, 1, /--out must be a folder that can be written, got .*a-file/);
  });

  it('is refused where another run is in it', async () => {
    const args = ['train', '--dataset', dataset, '--out', join(folder, 'trained')];
    await expectFailure(args, 1, /it is not empty .*add --resume/);
  });
});
