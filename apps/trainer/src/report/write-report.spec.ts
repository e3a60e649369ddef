import { readdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(300_000);

let folder: string;
let run: string;
let report: string;
let trained: Record<string, unknown> | null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-report-'));
  const dataset = join(folder, 'set <b>&');
  run = join(folder, 'runs', 'first');
  await writeSmallDataset(dataset, { numTrain: 600, numTest: 120 });
  const options = ['--epochs', '2', '--tensorboard', '--set', 'batchSize=64', '--json'];
  trained = (await runCommand(['train', '--dataset', dataset, '--out', run, ...options])).json;
  report = await readFile(join(run, 'report.html'), 'utf8');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the report of a run', () => {
  it('shows every part', () => {
    const headings = [...report.matchAll(/<h[23]>([^<]+)<\/h[23]>/g)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'Curves', 'Loss by epoch', 'Loss by step', 'Accuracy', 'Learning rate', 'Test split', 'Confusion matrix', 'Reliability', 'Per class',
      'Most confident mistakes', 'First layer', 'Do it again', 'Details', 'Settings', 'Where it came from',
    ]); // prettier-ignore
    const { accuracy } = trained?.test as { accuracy: number };
    expect(report).toContain(`${(100 * accuracy).toFixed(2)}%`);
    expect(report).toContain(String(trained?.weightsSha256));
  });

  it('needs nothing but itself, and allows nothing else', () => {
    expect(report).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(report).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org)/);
    const sources = [...report.matchAll(/ src="([^"]{0,22})/g)].map(([, source]) => source);
    expect(new Set(sources)).toEqual(new Set(['data:image/png;base64,']));
  });

  it('says that the losses are against smoothed labels, and gives the calibration error as the command line does', async () => {
    expect(report).toContain('against labels smoothed by 0.05');
    const { ece } = trained?.test as { ece: number };
    expect(report).toContain(`<dt>Calibration error</dt>\n<dd>${ece.toFixed(4)}</dd>`);
    const { stderr } = await runCommand(['evaluate', '--model', run, '--dataset', join(folder, 'set <b>&')]);
    expect(stderr).toContain(`calibration error ${ece.toFixed(4)}`);
  });

  it('draws the loss of each step', async () => {
    const steps = (await readFile(join(run, 'steps.jsonl'), 'utf8')).trimEnd().split('\n');
    // 550 training images in batches of 64 are 9 steps per epoch.
    expect(steps).toHaveLength(18);
    const { loss } = JSON.parse(steps[4]) as { loss: number };
    expect(report).toContain(`<title>training, step 5: ${Number(loss.toPrecision(4))}</title>`);
  });

  it('pictures each mistake once, the most confident first', () => {
    const { confusionMatrix } = trained?.test as { confusionMatrix: number[][] };
    const numMistakes = confusionMatrix.flatMap((row, i) => row.filter((_, j) => i !== j)).reduce((a, b) => a + b, 0);
    const gallery = [
      ...report.matchAll(/<div class="read"><span>\S+<\/span> <span class="probability">([\d.]+)%/g),
    ].map(([, p]) => Number(p));
    expect(gallery).toHaveLength(Math.min(40, numMistakes));
    expect(gallery).toEqual([...gallery].sort((a, b) => b - a));
    expect([...report.matchAll(/<div class="name">t10k-images-idx3-ubyte:\d+<\/div>/g)]).toHaveLength(gallery.length);
  });

  it('says the command and the settings that repeat the run', () => {
    expect(report).toContain('--preset fast --seed 42 --epochs 2');
    expect(report).toContain('--config settings.json');
    expect(report).toContain('&quot;batchSize&quot;: 64');
  });

  it('takes names for names, whatever is in them', () => {
    expect(report).toContain('set &lt;b&gt;&amp;');
    expect(report).not.toContain('set <b>');
  });

  it('is written again by its command, to the same bytes', async () => {
    await writeFile(join(run, 'report.html'), '');
    expect((await runCommand(['report', '--run', run])).code).toBe(0);
    expect(await readFile(join(run, 'report.html'), 'utf8')).toBe(report);
  });

  it('says so where the data set is gone, and shows the rest', async () => {
    await rename(join(folder, 'set <b>&'), join(folder, 'moved'));
    const { code, json } = await runCommand(['report', '--run', run, '--json']);
    expect(code).toBe(0);
    expect((json?.notes as string[])[0]).toMatch(/could not be read again, so mistakes are not pictured/);
    expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('<h3>Reliability</h3>');
  });

  it('is refused for a folder without a run', async () => {
    const { code, stderr } = await runCommand(['report', '--run', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: a run folder must hold config.json, got none in /);
  });
});

describe('the other files of a run', () => {
  it('are predictions with a row for each test image', async () => {
    const [header, ...rows] = (await readFile(join(run, 'predictions.csv'), 'utf8')).trimEnd().split('\n');
    expect(header).toMatch(/^index,file,label,labelName,answer,answerName,confidence,probability of 0,/);
    expect(rows).toHaveLength(120);
    const right = rows.filter((row) => row.split(',')[2] === row.split(',')[4]).length;
    expect(right / 120).toBeCloseTo((trained?.test as { accuracy: number }).accuracy, 12);
  });

  it('are event files for TensorBoard, one a split', async () => {
    expect((await readdir(join(run, 'tensorboard'))).sort()).toEqual(['train', 'validation']);
  });

  it('are compared by runs, and written as CSV', async () => {
    const csv = join(folder, 'runs.csv');
    const { json, code } = await runCommand(['runs', join(folder, 'runs'), '--csv', csv, '--json']);
    expect(code).toBe(0);
    expect(json?.runs).toMatchObject([{ run: 'first', preset: 'fast', seed: 42, status: 'completed', epochs: 2 }]);
    expect((await readFile(csv, 'utf8')).split('\n')[1]).toMatch(/^first,/);
    const history = join(folder, 'history.csv');
    await runCommand(['export', '--model', run, '--format', 'csv', '--out', history]);
    expect((await readFile(history, 'utf8')).trimEnd().split('\n')).toHaveLength(3);
  });
});
