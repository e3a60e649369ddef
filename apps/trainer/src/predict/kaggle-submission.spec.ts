import { loadSplit } from '@digits/data/node';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../testing/command.ts';

jest.setTimeout(120_000);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-kaggle-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** The first images of MNIST's test split, one in each row; a blank one at the end. */
async function writeTable(name: string, header: (columns: string) => string, cells: (row: number) => string) {
  const { images } = await loadSplit('mnist', 'test');
  const columns = Array.from({ length: 784 }, (_, i) => `pixel${i}`).join();
  const rows = Array.from({ length: 10 }, (_, i) => `${cells(i)}${images.subarray(i * 784, (i + 1) * 784).join()}`);
  const blank = `${cells(10)}${new Uint8Array(784).join()}`;
  await writeFile(join(folder, name), [header(columns), ...rows, blank, ''].join('\n'));
  return join(folder, name);
}

describe('writeSubmission', () => {
  it('writes the class of every image in the order of the rows', async () => {
    const table = await writeTable(
      'test.csv',
      (columns) => columns,
      () => '',
    );
    const csv = join(folder, 'submission.csv');

    const { code, stderr } = await runCommand(['predict', '--csv', csv, '--kaggle', table]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: `${csv}: 11 images\n` });
    const [header, ...rows] = (await readFile(csv, 'utf8')).trimEnd().split('\n');
    expect(header).toBe('ImageId,Label');
    // MNIST's labels; what the model says of the blank image does not matter, but Kaggle wants a row for it.
    expect(rows.slice(0, 10)).toEqual(['1,7', '2,2', '3,1', '4,0', '5,4', '6,1', '7,4', '8,9', '9,5', '10,9']);
    expect(rows[10]).toMatch(/^11,\d$/);
    expect(rows).toHaveLength(11);
  });

  it("keeps the table's own numbers", async () => {
    const table = await writeTable(
      'numbered.csv',
      (columns) => `id,${columns}`,
      (row) => `${100 + row},`,
    );
    const csv = join(folder, 'numbered-submission.csv');

    await runCommand(['predict', '--csv', csv, '--kaggle', table]);

    expect((await readFile(csv, 'utf8')).split('\n').slice(0, 3)).toEqual(['id,label', '100,7', '101,2']);
  });

  it('writes nothing if a row is wrong', async () => {
    const table = join(folder, 'wrong.csv');
    await writeFile(table, `${new Uint8Array(784).join()}\n1,2,3\n`);
    const csv = join(folder, 'none.csv');

    const { code, stderr } = await runCommand(['predict', '--csv', csv, '--kaggle', table]);

    expect(code).toBe(1);
    expect(stderr).toContain(`${table}:2 must have 784 fields as the first row has, got 3; was the file cut off?`);
    expect((await readdir(folder)).filter((name) => name.startsWith('none.csv'))).toEqual([]);
  });

  it('needs --csv and one table', async () => {
    const { code, stderr } = await runCommand(['predict', '--kaggle', 'a.csv', 'b.csv']);

    expect(code).toBe(2);
    expect(stderr).toContain(
      'predict: --kaggle must be given with --csv FILE and one table of pixels, got 2 files and no --csv',
    );
  });
});
