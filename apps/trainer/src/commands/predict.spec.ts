import type { LabelledImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { runCommand, startCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(120_000);

const NUM_PICTURES = 20;
let folder: string;
let model: string;
let test: LabelledImages;

/** MNIST's digits as black ink on white paper, ten times as large. */
async function writePicture(path: string, index: number): Promise<void> {
  const pixels = test.images.slice(index * 784, (index + 1) * 784).map((ink) => 255 - ink);
  const picture = sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } }).resize(280, 280, { kernel: 'cubic' });
  await writeFile(path, await picture.png().toBuffer());
}

/** Two digits side by side. */
async function writePair(path: string, left: number, right: number): Promise<void> {
  const canvas = new Uint8Array(28 * 64).fill(255);
  for (const [index, x] of [
    [left, 0],
    [right, 36],
  ]) {
    // prettier-ignore
    for (let i = 0; i < 784; i++) canvas[Math.floor(i / 28) * 64 + x + (i % 28)] = 255 - test.images[index * 784 + i];
  }
  const picture = sharp(canvas, { raw: { width: 64, height: 28, channels: 1 } }).resize(640, 280, { kernel: 'cubic' });
  await writeFile(path, await picture.png().toBuffer());
}

/** A printed table of 2 rows and 3 columns with MNIST's first digit, a 7, at the upper left and its second, a 2, in the middle below. */
async function writeTable(path: string): Promise<void> {
  const lines = [0, 1, 2, 3].map((i) => `<path d="M${40 + 100 * i} 40 V240"/>`).join('');
  const rules = [0, 1, 2].map((i) => `<path d="M40 ${40 + 100 * i} H340"/>`).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="380" height="280"><rect width="100%" height="100%" fill="#fff"/><g stroke="#000" stroke-width="3">${lines}${rules}</g></svg>`;
  const digit = async (index: number) =>
    sharp(
      test.images.slice(index * 784, (index + 1) * 784).map((ink) => 255 - ink),
      { raw: { width: 28, height: 28, channels: 1 } },
    )
      .resize(84, 84, { kernel: 'cubic' })
      .png()
      .toBuffer();
  const layers = [
    { input: await digit(0), left: 48, top: 48 },
    { input: await digit(1), left: 148, top: 148 },
  ];
  await writeFile(path, await sharp(Buffer.from(svg)).composite(layers).png().toBuffer());
}

const parseLines = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-predict-'));
  const dataset = join(folder, 'set');
  model = join(folder, 'run');
  test = await loadSplit('mnist', 'test');
  await writeSmallDataset(dataset, { numTrain: 6000, numTest: 50 });
  await runCommand(['train', '--dataset', dataset, '--epochs', '3', '--out', model]);
  await mkdir(join(folder, 'pictures'));
  for (let i = 0; i < NUM_PICTURES; i++) await writePicture(join(folder, 'pictures', `${i}.png`), i);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('predict', () => {
  it("reads the README's pictures with the model that ships", async () => {
    const images = join(__dirname, '..', '..', '..', '..', 'docs', 'images');
    const one = await runCommand(['predict', '--json', 'seven.jpg'], images);
    expect(parseLines(one.stdout)).toMatchObject([{ file: 'seven.jpg', digit: 7, rejected: false }]);
    const several = await runCommand(['predict', '--multiple', '--json', 'number.jpg'], images);
    expect(parseLines(several.stdout)).toMatchObject([{ file: 'number.jpg', text: '3142' }]);
  });

  it('reads pictures of digits, one line of JSON a file, in their order', async () => {
    const files = Array.from({ length: NUM_PICTURES }, (_, i) => join('pictures', `${i}.png`));
    const { code, stdout } = await runCommand(['predict', '--model', model, '--json', ...files], folder);
    const lines = parseLines(stdout);
    expect(code).toBe(0);
    expect(lines.map(({ file }) => file)).toEqual(files);
    const right = lines.filter(({ digit }, i) => digit === test.labels[i]);
    expect(right.length).toBeGreaterThanOrEqual(NUM_PICTURES - 2);
    for (const { probabilities, confidence, digit, rejected } of lines) {
      const values = probabilities as number[];
      expect(values).toHaveLength(10);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
      expect(rejected).toBe(false);
      expect(values[digit as number]).toBe(confidence);
    }
  });

  it('answers the other files where one cannot be read, and ends with 1', async () => {
    await writeFile(join(folder, 'text.png'), 'not a picture');
    const files = ['text.png', join('pictures', '0.png'), 'missing.png'];
    const { code, stdout } = await runCommand(['predict', '--model', model, '--json', ...files], folder);
    const [text, digit, missing] = parseLines(stdout);
    expect(code).toBe(1);
    expect(text).toEqual({ file: 'text.png', error: expect.stringMatching(/must be PNG, JPEG, WebP/) as string });
    expect(digit).toMatchObject({ digit: 7 });
    expect(missing).toEqual({ file: 'missing.png', error: expect.stringMatching(/ENOENT|no such file/) as string });
  });

  it('makes up no digit for a blank picture', async () => {
    const blank = sharp({ create: { width: 200, height: 100, channels: 3, background: '#eee' } });
    await writeFile(join(folder, 'blank.png'), await blank.png().toBuffer());
    const { code, json } = await runCommand(['predict', '--model', model, '--json', 'blank.png'], folder);
    expect(code).toBe(0);
    expect(json).toMatchObject({ digit: null, rejected: true, reason: 'blank' });
  });

  it('reads several digits from left to right, each in its box', async () => {
    await writePair(join(folder, 'pair.png'), 0, 1);
    const { json } = await runCommand(['predict', '--model', model, '--multiple', '--json', 'pair.png'], folder);
    const digits = json?.digits as { box: { x: number; y: number; width: number; height: number } }[];
    expect(json?.text).toBe(`${test.labels[0]}${test.labels[1]}`);
    expect(digits).toHaveLength(2);
    const [left, right] = digits.map(({ box }) => box);
    expect(left.x + left.width).toBeLessThanOrEqual(280);
    expect(right.x).toBeGreaterThanOrEqual(360);
  });

  it('says that a picture of several digits was read as one', async () => {
    await writePair(join(folder, 'two.png'), 0, 1);
    const args = ['predict', '--model', model, '--single', 'two.png'];
    const { code, stderr } = await runCommand(args, folder);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'two.png: the picture seems to show several digits, and one was read; read all with --multiple\n',
    });
    const { json, stderr: none } = await runCommand([...args, '--json'], folder);
    expect({ notice: json?.notice, none }).toEqual({ notice: 'severalDigits', none: '' });
  });

  it('reads a table, row by row', async () => {
    await writeTable(join(folder, 'table.png'));
    const { code, stdout } = await runCommand(['predict', '--grid', '2x3', 'table.png'], folder);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'table.png:\n7 . .\n. 2 .\n' });
    const { json } = await runCommand(['predict', '--grid', '2x3', '--json', 'table.png'], folder);
    expect(json?.table).toEqual([
      ['7', null, null],
      [null, '2', null],
    ]);
  });

  it('says why no digits were found', async () => {
    const blank = sharp({ create: { width: 200, height: 100, channels: 3, background: '#eee' } });
    await writeFile(join(folder, 'nothing.png'), await blank.png().toBuffer());
    const { stdout } = await runCommand(['predict', '--model', model, '--multiple', 'nothing.png'], folder);
    expect(stdout).toBe('nothing.png: no digit, because no ink was found\n');
  });

  it('writes each step as PNG with --explain, ending in the 28x28 that the network saw and what spoke for the answer', async () => {
    const args = ['predict', '--model', model, '--explain', 'steps', join('pictures', '3.png')];
    expect((await runCommand(args, folder)).code).toBe(0);
    const files = (await readdir(join(folder, 'steps', '3'))).sort();
    const [evidenceAgainst, evidenceFor, image] = files.filter((name) => name.endsWith('.png')).reverse();
    expect(image).toMatch(/^\d\d-image\.png$/);
    expect(await sharp(join(folder, 'steps', '3', image)).metadata()).toMatchObject({ width: 28, height: 28 });
    expect([evidenceFor, evidenceAgainst]).toEqual([
      expect.stringMatching(/^\d\d-evidence-for-\d\.png$/),
      expect.stringMatching(/^\d\d-evidence-against-\d\.png$/),
    ]);
    expect(await sharp(join(folder, 'steps', '3', evidenceFor)).metadata()).toMatchObject({ width: 280, height: 280 });
    const [facts] = JSON.parse(await readFile(join(folder, 'steps', '3', 'explanation.json'), 'utf8')) as {
      evidenceFor: number[];
    }[];
    expect(facts).toMatchObject({ method: 'occlusion', height: 28, width: 28 });
    // What spoke loudest for the answer is orange, ten pixels to one.
    const loudest = facts.evidenceFor.indexOf(Math.max(...facts.evidenceFor));
    const pixels = await sharp(join(folder, 'steps', '3', evidenceFor))
      .raw()
      .toBuffer();
    const [red, , blue] = pixels.subarray(3 * (Math.floor(loudest / 28) * 10 * 280 + (loudest % 28) * 10));
    expect(red).toBeGreaterThan(blue);
  });

  it('reads folders, patterns and standard input, and writes CSV', async () => {
    const args = ['predict', '--model', model, '--json', '--csv', 'answers.csv', 'pictures/1?.png', '-', 'pictures'];
    const input = await readFile(join(folder, 'pictures', '0.png'));
    const { code, stdout } = await startCommand(args, folder, { input }).result;
    expect(code).toBe(0);
    const lines = parseLines(stdout);
    const pattern = Array.from({ length: 10 }, (_, i) => `pictures/1${i}.png`);
    expect(lines.slice(0, 11).map(({ file }) => file)).toEqual([...pattern, '-']);
    expect(lines).toHaveLength(10 + 1 + NUM_PICTURES);
    expect(lines[10]).toMatchObject({ digit: 7, className: '7' });
    const [header, first, ...others] = (await readFile(join(folder, 'answers.csv'), 'utf8')).trimEnd().split('\n');
    expect(header).toMatch(
      /^file,mode,text,numDigits,place,digit,className,confidence,rejected,reason,error,probability of 0,/,
    );
    expect(first.startsWith(`pictures/10.png,single,${String(lines[0].digit)},1,1,${String(lines[0].digit)},`)).toBe(
      true,
    );
    expect(others).toHaveLength(10 + NUM_PICTURES);
  });

  it('answers a pattern that matches nothing and a folder without pictures by an error', async () => {
    await mkdir(join(folder, 'no-pictures'), { recursive: true });
    const args = ['predict', '--model', model, '--json', 'none/*.png', 'no-pictures'];
    const { code, stdout } = await runCommand(args, folder);
    expect(code).toBe(1);
    expect(parseLines(stdout)).toEqual([
      { file: 'none/*.png', error: 'predict: the pattern must match files, got none' },
      { file: 'no-pictures', error: 'predict: the folder must hold pictures, got none' },
    ]);
  });

  it('ends quietly where nobody reads its answers any more', async () => {
    const run = startCommand(['predict', '--model', model, 'pictures'], folder, { closeOutput: true });
    const { code, stderr } = await run.result;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('samples', () => {
  it('measures drawings, pictures and strings, and names what was misread', async () => {
    const strings = join(folder, 'strings');
    await mkdir(strings);
    await writePair(join(strings, 'pair.png'), 0, 1);
    const labels = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.png`, test.labels[i]]));
    labels['0.png'] = 3; // a seven, labelled wrongly on purpose
    await writeFile(join(folder, 'pictures', 'labels.json'), JSON.stringify(labels));
    await writeFile(join(strings, 'labels.json'), JSON.stringify({ 'pair.png': '72' }));
    const one = [[[10, 0], [10, 100]]]; // prettier-ignore
    await writeFile(join(folder, 'strokes.json'), JSON.stringify([{ label: 1, strokes: one }]));
    const args = [
      'samples',
      '--model',
      model,
      '--strokes',
      'strokes.json',
      '--pictures',
      'pictures',
      '--strings',
      'strings',
    ];
    const { code, json } = await runCommand([...args, '--json'], folder);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      strokes: { count: 1, accuracy: 1 },
      pictures: { count: 10 },
      strings: { count: 1, accuracy: 1 },
    });
    const { misread, accuracy } = json?.pictures as {
      misread: { sample: string; label: string; answer: string }[];
      accuracy: number;
    };
    expect(misread).toContainEqual(expect.objectContaining({ sample: '0.png', label: '3', answer: '7' }));
    expect(accuracy).toBeCloseTo(1 - misread.length / 10, 12);
  });

  it('measures every set below a folder, and goes on if a file cannot be read', async () => {
    const samples = join(folder, 'samples');
    for (const set of ['strokes', 'scans/files', 'rows']) await mkdir(join(samples, set), { recursive: true });
    const one = [[[10, 0], [10, 100]]]; // prettier-ignore
    await writeFile(join(samples, 'strokes', 'tablet.json'), JSON.stringify([{ label: 1, strokes: one }]));
    await writePicture(join(samples, 'scans', 'files', 'a.png'), 0);
    await writeFile(join(samples, 'scans', 'files', 'b.png'), 'not a picture');
    await writeFile(join(samples, 'scans', 'labels.json'), JSON.stringify({ 'files/a.png': 7, 'files/b.png': 1 }));
    await writePair(join(samples, 'rows', 'pair.png'), 0, 1);
    await writeFile(join(samples, 'rows', 'labels.json'), JSON.stringify({ 'pair.png': '72' }));
    const { code, json, stderr } = await runCommand(['samples', '--model', model, '--json', samples], folder);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      rows: { count: 1, accuracy: 1, confusionMatrix: null },
      scans: { count: 2, accuracy: 0.5, numRejected: 1 },
      'strokes/tablet': { count: 1, accuracy: 1 },
    });
    expect(stderr).toMatch(/files\/b\.png: 1 read as error: .*must be PNG, JPEG/);
  });

  it('reads the test images of a data set in any form, and gives the same figures for each form', async () => {
    const rows = Array.from({ length: 50 }, (_, i) =>
      [test.labels[i], ...test.images.subarray(i * 784, (i + 1) * 784)].join(','),
    );
    await writeFile(join(folder, 'digits.csv'), `${rows.join('\n')}\n`);
    const measure = async (path: string) => {
      const { code, json } = await runCommand(['samples', '--model', model, '--json', path], folder);
      expect(code).toBe(0);
      return json;
    };
    const [idx, csv] = [await measure('set'), await measure('digits.csv')];
    const { misread, ...figures } = idx?.set as { misread: { sample: string }[]; accuracy: number };
    expect(figures).toMatchObject({ count: 50, accuracy: 1 - misread.length / 50 });
    expect(figures.accuracy).toBeGreaterThan(0.8);
    expect(csv?.['digits.csv']).toMatchObject(figures);
  });

  it('refuses a data set with other classes than digits', async () => {
    await mkdir(join(folder, 'letters', 'b'), { recursive: true });
    await writePicture(join(folder, 'letters', 'b', '0.png'), 0);
    const { code, stderr } = await runCommand(['samples', '--model', model, 'letters'], folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: samples: PATH must have the classes 0 to 9, got b in .*letters/m);
  });

  it('refuses a drawing without coordinates, naming the entry', async () => {
    await writeFile(
      join(folder, 'bad.json'),
      JSON.stringify([
        { label: 1, strokes: [[[1, 2]]] },
        { label: 2, strokes: [['a']] },
      ]),
    );
    const { code, stderr } = await runCommand(['samples', '--model', model, '--strokes', 'bad.json'], folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/bad.json: 1.strokes.0.0 must be \[x, y\] or \[x, y, pressure\], got "a"/);
  });
});
