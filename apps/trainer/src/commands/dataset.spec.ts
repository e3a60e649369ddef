import { encodeIdx } from '@digits/data';
import { SPLIT_FILES } from '@digits/data/node';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { runCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(300_000);

interface Suspicion {
  readonly split: string;
  readonly name: string;
  readonly label: string;
  readonly suggestion: string;
}

let folder: string;
let dataset: string;
/** Places of the test images that got a wrong label. */
const WRONG = [0, 2, 3, 17, 111];
let testImages: Uint8Array;
let testLabels: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-dataset-'));
  dataset = join(folder, 'set');
  const { train, test } = await writeSmallDataset(dataset, { numTrain: 1500, numTest: 200 });
  testImages = test.images.slice();
  // The last test image is the first training image.
  testImages.set(train.images.subarray(0, 784), 199 * 784);
  testLabels = test.labels.slice();
  testLabels[199] = train.labels[0];
  const labels = testLabels.map((label, i) => (WRONG.includes(i) ? (label + 3) % 10 : label));
  const files = SPLIT_FILES.test;
  await writeFile(join(dataset, files.images), encodeIdx({ type: 'uint8', shape: [200, 28, 28], values: testImages }));
  await writeFile(join(dataset, files.labels), encodeIdx({ type: 'uint8', shape: [200], values: labels }));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('dataset inspect', () => {
  it('finds wrong labels and leaks, and shows their images in one self-contained page', async () => {
    const out = join(folder, 'set.html');
    const args = ['dataset', 'inspect', dataset, '--folds', '3', '--epochs', '4', '--out', out, '--json'];
    const { code, json } = await runCommand(args);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      form: 'IDX',
      sizes: [{ size: '28x28', count: 1700 }],
      splits: [
        { split: 'training', count: 1500 },
        { split: 'test', count: 200 },
      ],
      problems: [{ kind: 'duplicates', numImages: 2 }],
    });
    const found = (json?.suspicious as Suspicion[]).filter(({ split }) => split === 'test');
    const page = await readFile(out, 'utf8');
    expect(page).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org)/);
    const foundWrong = WRONG.filter((place) => found.some(({ name }) => name.endsWith(`:${place}`)));
    // A short training on few images is not sure of all of them.
    expect(foundWrong.length).toBeGreaterThanOrEqual(3);
    for (const place of foundWrong) {
      const suspicion = found.find(({ name }) => name.endsWith(`:${place}`));
      expect(suspicion).toMatchObject({
        label: String((testLabels[place] + 3) % 10),
        suggestion: String(testLabels[place]),
      });
      const address = new RegExp(`src="data:image/png;base64,([^"]+)" alt="test image ${suspicion?.name},`).exec(page);
      const png = sharp(Buffer.from(address?.[1] ?? '', 'base64')).extractChannel(0);
      expect(await png.raw().toBuffer()).toEqual(Buffer.from(testImages.subarray(place * 784, (place + 1) * 784)));
    }
  });

  it('trains nothing with --no-labels', async () => {
    const out = join(folder, 'quick.html');
    const { json } = await runCommand(['dataset', 'inspect', dataset, '--no-labels', '--out', out, '--json']);
    expect(json).toMatchObject({ suspicious: null });
    expect(await readFile(out, 'utf8')).not.toContain('Suspicious labels');
  });

  it('refuses a file of another kind', async () => {
    const { code, stderr } = await runCommand(['dataset', 'inspect', dataset, '--out', join(folder, 'set.pdf')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: dataset: --out must be an HTML file, got .*set\.pdf/);
  });
});

describe('train --folds', () => {
  it('gives each training image one answer, and the mean and deviation of the folds', async () => {
    const out = join(folder, 'folds');
    const args = ['train', '--dataset', dataset, '--folds', '3', '--epochs', '2', '--out', out, '--json'];
    const { code, json } = await runCommand(args);
    expect(code).toBe(0);
    const folds = json?.folds as { accuracy: number; count: number }[];
    expect(folds.map(({ count }) => count)).toEqual([500, 500, 500]);
    const rows = (await readFile(join(out, 'predictions.csv'), 'utf8')).trimEnd().split('\n').slice(1);
    const cells = rows.map((row) => row.split(','));
    expect(cells[0][1]).toMatch(/row 1|train-images/);
    const right = cells.filter(([, , label, , answer]) => label === answer).length;
    const accuracy = json?.accuracy as { mean: number; deviation: number };
    expect(rows).toHaveLength(1500);
    expect(accuracy.mean).toBeCloseTo(right / 1500, 9);
    const squares = folds.map((fold) => (fold.accuracy - accuracy.mean) ** 2);
    expect(accuracy.deviation).toBeCloseTo(Math.sqrt((squares[0] + squares[1] + squares[2]) / 2), 9);
  });

  it.each([
    [['--init', 'x', '--preset', 'fast'], /--init must be left out with --folds/],
    [['--preset', 'ink'], /--folds must be left out with the preset ink/],
    [['--folds', '1'], /It must be a whole number from 2 to 100/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await runCommand(['train', '--folds', '3', ...args], folder);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});
