import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../command-line.ts';
import { describeDatasetChange, evaluationSource } from './evaluation-dataset.ts';

const THEN = '0123456789abcdef'.repeat(4);
const NOW = 'fedcba9876543210'.repeat(4);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-source-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('evaluationSource', () => {
  it('is the data set that is asked for, or that of the training', () => {
    const dataset = { name: folder, sha256: THEN };
    expect(evaluationSource('mnist', { dataset })).toBe('mnist');
    expect(evaluationSource('some/where', { dataset })).toBe(resolve('some/where'));
    expect(evaluationSource(undefined, { dataset })).toBe(folder);
    expect(evaluationSource(undefined, { dataset: { name: 'mnist', sha256: THEN } })).toBe('mnist');
  });

  it('must be given if the data set of the training is gone or unknown', () => {
    const name = join(folder, 'gone');
    expect(() => evaluationSource(undefined, { dataset: { name, sha256: THEN } })).toThrow(
      new Error(
        `evaluate: --dataset must be given, because the data set that the model was trained on is no longer at ${name} (SHA-256 0123456789ab)`,
      ),
    );
    expect(() => evaluationSource(undefined, { dataset: null })).toThrow(
      new UsageError('evaluate: --dataset must be given for a model that does not know what it was trained on'),
    );
  });
});

describe('describeDatasetChange', () => {
  const dataset = { name: '/letters', sha256: THEN };

  it.each([
    ['the same', '/letters', THEN, null],
    ['moved', '/new/letters', THEN, 'This is the data set that the model was trained on, which was /letters then.'],
    [
      'changed',
      '/letters',
      NOW,
      'The data set has changed since the model was trained on it: it had SHA-256 0123456789ab and has fedcba987654 now.',
    ],
    [
      'another',
      'mnist',
      NOW,
      'This is another data set than the one that the model was trained on: /letters (SHA-256 0123456789ab).',
    ],
  ])('tells one that is %s', (_, source, checksum, line) => {
    expect(describeDatasetChange(source, checksum, { dataset })).toBe(line);
    expect(describeDatasetChange(source, checksum, { dataset: null })).toBeNull();
  });
});
