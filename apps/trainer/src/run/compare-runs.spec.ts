import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareRuns, formatComparison } from './compare-runs.ts';
import { predictionsCsv } from './predictions.ts';
import type { ClassRunRecord } from './run-record.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-compare-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const CLASSES = ['cat', 'dog'];
const FILES = ['a.png', 'b.png', 'c.png', 'd.png'];

/** A run that answers dog where the text has d, on the data set whose SHA-256 is given. */
async function run(name: string, answers: string, { sha256 = 'ab', files = FILES, labels = [0, 0, 1, 1] } = {}) {
  const path = join(folder, name);
  await mkdir(path);
  const probabilities = Float64Array.from(
    Array.from(answers).flatMap((answer) => (answer === 'd' ? [0.25, 0.75] : [0.5, 0.5])),
  );
  const predictions = { names: files, labels: Uint8Array.from(labels), probabilities };
  await writeFile(join(path, 'predictions.csv'), predictionsCsv(predictions, CLASSES));
  return {
    kind: 'classes',
    path,
    name,
    description: { dataset: { source: 'pets', sha256 }, request: {} },
    metrics: { test: { perClass: CLASSES.map((className) => ({ name: className })) } },
  } as unknown as ClassRunRecord;
}

describe('compareRuns', () => {
  it('counts and names the images that only one run gets right', async () => {
    // Right: first c.png; second a.png, b.png and d.png. Both tails of the binomial: 2 * (1 + 4) / 16.
    const comparison = await compareRuns(await run('first', 'dddc'), await run('second', 'cccd'));
    expect(comparison).toMatchObject({
      count: 4,
      accuracies: [0.25, 0.75],
      difference: 0.5,
      pValue: 0.625,
      onlyFirst: [{ file: 'c.png', label: 'dog', wrongAnswer: 'cat' }],
      onlySecond: [
        { file: 'a.png', label: 'cat', wrongAnswer: 'dog' },
        { file: 'b.png', label: 'cat', wrongAnswer: 'dog' },
        { file: 'd.png', label: 'dog', wrongAnswer: 'cat' },
      ],
    });
    const [lower, upper] = comparison.differenceInterval.map((end) => `${(100 * end).toFixed(2)}%`);
    expect(formatComparison(comparison)).toBe(
      [
        'first: 25.00% of 4 test images',
        'second: 75.00% of 4 test images',
        `difference +50.00% (95% interval ${lower} to +${upper}), McNemar's exact test p = 0.6250`,
        'Only first gets 1 right:',
        '  c.png: dog, the other answers cat',
        'Only second gets 3 right:',
        '  a.png: cat, the other answers dog',
        '  b.png: cat, the other answers dog',
        '  d.png: dog, the other answers cat',
      ].join('\n'),
    );
  });

  it.each<[string, { sha256?: string; files?: string[]; labels?: number[] }]>([
    ['another data set', { sha256: 'cd' }],
    ['other images', { files: ['a.png', 'b.png', 'c.png', 'e.png'] }],
    ['other labels', { labels: [0, 0, 1, 0] }],
  ])('refuses runs on %s', async (_, other) => {
    await expect(compareRuns(await run('first', 'dddc'), await run('second', 'cccd', other))).rejects.toThrow(
      `runs: --compare must name runs with the same test images, got first on pets (SHA-256 ab, 4 test images) and second on pets (SHA-256 ${other.sha256 ?? 'ab'}, 4 test images)`,
    );
  });

  it('refuses a run that has not ended', async () => {
    const unfinished = { ...(await run('first', 'dddc')), metrics: null };
    await expect(compareRuns(unfinished, await run('second', 'cccd'))).rejects.toThrow(
      `runs: --compare must name runs that have ended with predictions, got ${join(folder, 'first')} without`,
    );
  });
});
