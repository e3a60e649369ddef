import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openStoredDataset } from '../open-stored-dataset.ts';

const FILES = join(__dirname, 'fixtures', 'files');
const SHARD = 'parquet-shards/data/train-00000-of-00002.parquet';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'digits-parquet-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function copy(from: string, to: string): void {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  copyFileSync(join(FILES, from), join(folder, to));
}

describe('openStoredDataset of Parquet files', () => {
  it('reads one shard by its name, and says so', async () => {
    const { splits, notes } = await openStoredDataset(join(FILES, SHARD));

    expect([...(splits.train?.labels ?? [])]).toEqual([0, 1, 2, 0, 1]);
    expect(notes).toEqual(['train-00000-of-00002.parquet is one of 2 files; name their folder to read them all.']);
  });

  it('finds the splits by their folders', async () => {
    copy('none.parquet', 'default/train/0000.parquet');
    copy('gzip.parquet', 'default/train/0001.parquet');
    copy('zstd.parquet', 'default/test/0000.parquet');

    const { splits } = await openStoredDataset(folder);

    expect([splits.train?.labels.length, splits.test?.labels.length]).toEqual([18, 9]);
    expect(splits.train?.names[9]).toBe('0001.parquet:0');
  });

  it('names the shards that are missing', async () => {
    copy(SHARD, 'data/train-00000-of-00002.parquet');

    await expect(openStoredDataset(folder)).rejects.toThrow(
      new RangeError(
        `openStoredDataset: ${folder} must hold 2 files as train-00000-of-00002.parquet says, got none with 00001; fetch the missing files`,
      ),
    );
  });

  it('refuses several sets in one folder', async () => {
    copy('none.parquet', 'a/train.parquet');
    copy('none.parquet', 'b/train.parquet');

    await expect(openStoredDataset(folder)).rejects.toThrow(
      new RangeError(
        `openStoredDataset: ${folder} must hold the files of the train split in one folder, got a, b; name one of these folders`,
      ),
    );
  });

  it('refuses a truncated file', async () => {
    const file = join(FILES, 'broken', 'truncated.parquet');

    await expect(openStoredDataset(file)).rejects.toThrow(
      /^openStoredDataset: \S+truncated\.parquet must be a whole Parquet file, got damaged data \(.+\); fetch it again$/,
    );
  });

  it.each([
    ['no-labels', `must have a column 'label', got the columns 'image', 'caption'; rename the column with the labels`],
    [
      'paths',
      `:1: 'image' must hold the bytes of a picture file, or rows of pixels, as the rows before it, got a path without bytes; ` +
        'save the data set with its images embedded',
    ],
    ['null-label', ':0 must have a number or a name as its label, got none'],
    ['outside', ':0 must have a label in [0, 3), as there are 3 class names, got 7'],
    [
      'other-columns',
      `must have the columns 'image' and 'label', or a label and a column for each pixel, got the columns 'text', 'label'; rename the columns`,
    ],
  ])('refuses %s.parquet', async (name, message) => {
    const file = join(FILES, 'broken', `${name}.parquet`);

    await expect(openStoredDataset(file)).rejects.toThrow(
      new RangeError(`openStoredDataset: ${file}${message.startsWith(':') ? '' : ' '}${message}`),
    );
  });

  it('leaves out a test split whose labels are -1', async () => {
    copy('none.parquet', 'train.parquet');
    copy('broken/unlabelled.parquet', 'test.parquet');

    const { splits, notes } = await openStoredDataset(folder);

    expect(Object.keys(splits)).toEqual(['train']);
    expect(notes).toEqual(['The test split has no labels and is left out.']);
  });
});
