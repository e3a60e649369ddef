import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openStoredDataset } from '../open-stored-dataset.ts';
import { readImageTable } from './pixel-table.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'digits-csv-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function pixelsOf(path: string): Promise<number[]> {
  const images = (await openStoredDataset(path)).splits.train?.images;
  return images?.form === 'pixels' ? [...images.pixels] : [];
}

describe('openStoredDataset of a CSV file', () => {
  it('takes columns that are named by their numbers for a header', async () => {
    const columns = Array.from({ length: 16 }, (_, i) => i);
    const pixels = columns.map((i) => 10 + i);

    expect(await pixelsOf(write('a.csv', `label,${columns.join()}\n7,${pixels.join()}\n`))).toEqual(pixels);
    expect(await pixelsOf(write('b.csv', `${columns.join()},label\n${pixels.join()},7\n`))).toEqual(pixels);
  });

  it('takes a first image that was made unique for a header', async () => {
    const header = ['0', ...Array.from({ length: 324 }, (_, i) => `0.${i + 1}`)].join(',');
    const row = ['3', ...Array.from({ length: 324 }, (_, i) => String(i % 256))].join(',');

    const pixels = await pixelsOf(write('letters.csv', `${header}\n${row}\n`));

    expect(pixels).toHaveLength(324);
    expect(pixels.slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('reads tabs, a byte order mark, quotes, blank lines and Windows line ends', async () => {
    const text = '\ufefflabel\tp0\tp1\tp2\tp3\r\n"7"\t1\t2\t3\t4\r\n\r\n8\t"5"\t6\t7\t8\r\n';
    const dataset = await openStoredDataset(write('a.tsv', text));

    expect(dataset.splits.train?.names).toEqual(['a.tsv:2', 'a.tsv:4']);
    expect([...(dataset.splits.train?.labels ?? [])]).toEqual([7, 8]);
    expect(await pixelsOf(join(folder, 'a.tsv'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('reads rows longer than a chunk, and chunks that end within a row', async () => {
    const rows = Array.from({ length: 250 }, (_, i) => [i % 10, ...Array<number>(784).fill(i % 251)].join(','));

    const pixels = await pixelsOf(write('a.csv', rows.join('\n')));

    expect(pixels).toHaveLength(250 * 784);
    expect(pixels.every((value, i) => value === Math.floor(i / 784) % 251)).toBe(true);
  });

  it('gives the same checksum plain and compressed', async () => {
    const text = '0,1,2,3,4\n1,5,6,7,8\n';
    const plain = await openStoredDataset(write('a.csv', text));
    const compressed = await openStoredDataset(write('a.csv.gz', gzipSync(text)));

    expect(compressed.checksum).toBe(plain.checksum);
  });

  it('leaves labels as they are, and counts large numbers in their order', async () => {
    expect((await openStoredDataset(write('a.csv', '3,1,1,1,1\n1,2,2,2,2\n'))).classNames).toEqual([
      '0',
      '1',
      '2',
      '3',
    ]);
    const codes = await openStoredDataset(write('b.csv', '12363,1,1,1,1\n12354,2,2,2,2\n12363,3,3,3,3\n'));
    expect(codes.classNames).toEqual(['12354', '12363']);
    expect([...(codes.splits.train?.labels ?? [])]).toEqual([1, 0, 1]);
  });

  it.each([
    [
      'a ragged row',
      '0,1,2,3,4\n1,5,6,7\n',
      ':2 must have 5 fields as the first row has, got 4; was the file cut off?',
    ],
    [
      'a pixel above 255',
      '0,1,2,3,4\n1,5,6,256,8\n',
      `:2: column 4 must be a whole number from 0 to 255, or all pixels n / 255, got '256'; save the pixels as whole numbers from 0 to 255`,
    ],
    [
      'a pixel below 0',
      '0,1,2,3,-1\n',
      `:1: column 5 must be a whole number from 0 to 255, or all pixels n / 255, got '-1'; save the pixels as whole numbers from 0 to 255`,
    ],
    [
      'an empty pixel',
      '0,1,2,3,4\n1,5,,7,8\n',
      `:2: column 3 must be a whole number from 0 to 255, or all pixels n / 255, got ''; save the pixels as whole numbers from 0 to 255`,
    ],
    [
      'text for a pixel',
      '0,1,2,3,4\n1,5,many,7,8\n',
      `:2: column 3 must be a whole number from 0 to 255, or all pixels n / 255, got 'many'; save the pixels as whole numbers from 0 to 255`,
    ],
    [
      'a fraction among whole pixels',
      '0,1,2,3,4\n1,5,6.5,7,8\n',
      `:2: column 3 must be a whole number from 0 to 255, or all pixels n / 255, got '6.5'; save the pixels as whole numbers from 0 to 255`,
    ],
    [
      'fractions that are not bytes',
      '0,0,1,0.501,0\n',
      `:1: column 4 must be n / 255 for a whole n from 0 to 255, as values before it are fractions from 0 to 1, got '0.501'; save the pixels as whole numbers from 0 to 255`,
    ],
    [
      'images that are not square',
      'label,p0,p1,p2,p3,p4\n0,1,2,3,4,5\n',
      ` must hold square images of one channel, as many pixel columns as a square number (784 for 28x28), got 5 beside the label; ` +
        `name the label's column 'label' in a header, and remove columns that are not pixels`,
    ],
    [
      'a label that is missing',
      '0,1,2,3,4\n,5,6,7,8\n',
      ':2 must have a label, got none; fill it in or remove the row',
    ],
    [
      'a label that is not whole',
      '0,1,2,3,4\n1.5,5,6,7,8\n',
      ':2 must have a whole number or a name as its label, got 1.5',
    ],
    [
      'more than 256 classes',
      Array.from({ length: 257 }, (_, i) => `name${i},1,2,3,4`).join('\n'),
      ` must have at most 256 classes, got 257 different labels (name0, name1, name10, name100, name101, name102, name103, name104, ` +
        'name105, name106, name107, name108, ...); is this the label column?',
    ],
    [
      'no labels',
      'p0,p1,p2,p3\n1,2,3,4\n',
      ` must have a label in each row, got 4 columns without one; add a column 'label'; to predict the labels, use predict --csv FILE --kaggle`,
    ],
    [
      'no rows',
      'label,p0,p1,p2,p3\n',
      ` must be a table with a column for each pixel, or of picture files and labels, got the columns 'label', 'p0', 'p1', 'p2', 'p3'`,
    ],
    ['nothing', '', ' must be a table with a column for each pixel, or of picture files and labels, got an empty file'],
    [
      'another table',
      'ImageId,Label\n1,0\n',
      ` must be a table with a column for each pixel, or of picture files and labels, got the columns 'ImageId', 'Label'`,
    ],
    [
      'an open quotation mark',
      '0,"1,2,3,4\n1,2,3,4,5\n',
      ' must have paired quotation marks, got Quoted field unterminated in or after line 1',
    ],
  ])('refuses %s', async (_, text, message) => {
    const path = write('train.csv', text);

    await expect(openStoredDataset(path)).rejects.toThrow(new RangeError(`openStoredDataset: ${path}${message}`));
  });

  it('refuses other encodings and damaged compression', async () => {
    const utf16 = write('a.csv', Buffer.from('\ufefflabel,a\n', 'utf16le'));
    const cut = write('b.csv.gz', gzipSync('0,1,2,3,4\n'.repeat(1000)).subarray(0, 30));

    await expect(openStoredDataset(utf16)).rejects.toThrow(
      new RangeError(`openStoredDataset: ${utf16} must be text in UTF-8, got other bytes; save it as CSV in UTF-8`),
    );
    await expect(openStoredDataset(cut)).rejects.toThrow(
      new RangeError(
        `openStoredDataset: ${cut} must be whole gzip data, got damaged data (unexpected end of file); fetch it again`,
      ),
    );
  });

  it('refuses a row without an end before it fills the memory', async () => {
    const path = write('a.csv', `0,"${'1'.repeat(2 ** 22)}`);

    await expect(openStoredDataset(path)).rejects.toThrow(
      new RangeError(
        `openStoredDataset: ${path}:1 must end within 4194304 bytes, got a longer row; is a quotation mark missing, or is this not a CSV file?`,
      ),
    );
  });

  it('refuses a test label that no training image has', async () => {
    write('train.csv', '0,1,2,3,4\n1,5,6,7,8\n');
    const test = write('test.csv', '1,1,2,3,4\n2,5,6,7,8\n');

    await expect(openStoredDataset(folder)).rejects.toThrow(
      new RangeError(
        `openStoredDataset: ${test}:2 must have a label that training images have too, got '2'; ` +
          'add training images of this class, or remove it here',
      ),
    );
  });

  it('refuses several tables for a split', async () => {
    write('train.csv', '0,1,2,3,4\n');
    write('train2/x.csv', '0,1,2,3,4\n');
    write('mnist_train.csv', '0,1,2,3,4\n');

    await expect(openStoredDataset(folder)).rejects.toThrow(
      new RangeError(
        `openStoredDataset: ${folder} must hold one table of images for the train split, got mnist_train.csv, train.csv; ` +
          'name one of the files, or move the others away',
      ),
    );
  });

  it('refuses labels outside an EMNIST set', async () => {
    const path = write('emnist-letters-train.csv', '1,1,2,3,4\n0,5,6,7,8\n');

    await expect(openStoredDataset(path)).rejects.toThrow(
      new RangeError(`openStoredDataset: ${path}:2 must have a label from 1 to 26 as EMNIST letters has, got 0`),
    );
  });
});

describe('openStoredDataset of a table of pictures', () => {
  it('finds the pictures beside the table, or in a folder that is called as it is', async () => {
    write('train.csv', 'id,image,label\n1,a.png,x\n2,b.png,y\n');
    write('train/a.png', 'A');
    write('train/b.png', 'B');

    const { form, classNames, splits } = await openStoredDataset(join(folder, 'train.csv'));

    expect({ form, classNames, names: splits.train?.names, labels: [...(splits.train?.labels ?? [])] }).toEqual({
      form: 'pictures with a table',
      classNames: ['x', 'y'],
      names: ['train/a.png', 'train/b.png'],
      labels: [0, 1],
    });
    const images = splits.train?.images;
    expect(images?.form === 'files' && Buffer.from(await images.read(1)).toString()).toBe('B');
  });

  it('reads a table without a header, and Windows paths', async () => {
    write('labels.csv', 'pictures\\a.png,3\npictures\\b.png,0\n');
    write('pictures/a.png', 'A');
    write('pictures/b.png', 'B');

    expect((await openStoredDataset(folder)).splits.train?.names).toEqual(['pictures/a.png', 'pictures/b.png']);
  });

  it.each([
    [
      'a picture that is missing',
      'file,label\na.png,0\nc.png,1\nd.png,1\n',
      (path: string) =>
        `${path}:3 must name a picture in ${dirname(path)}, got 'c.png', which does not exist, as 2 of 3 do not; ` +
        'put the pictures there, or correct their paths in the table',
    ],
    [
      'a picture outside the folder',
      'file,label\na.png,0\n../c.png,1\n',
      (path: string) =>
        `${path}:3 must name a picture in the folder of the table, got '../c.png'; move the table to the folder that holds the pictures`,
    ],
    [
      'a table without labels',
      'file,width,height\na.png,28,28\n',
      (path: string) =>
        `${path} must have a column of labels beside the picture files, got the columns 'file', 'width', 'height'; name it 'label' in the header`,
    ],
    [
      'an unknown split',
      'file,label,split\na.png,0,later\n',
      (path: string) => `${path}:2 must have train, validation or test as its split, got 'later'`,
    ],
  ])('refuses %s', async (_, text, message) => {
    write('a.png', 'A');
    const path = write('labels.csv', text);

    await expect(openStoredDataset(path)).rejects.toThrow(new RangeError(`openStoredDataset: ${message(path)}`));
  });
});

describe('readImageTable', () => {
  it('reads images without labels, and the numbers of their rows', async () => {
    const { images, labels, ids, names } = await readImageTable(write('test.csv', 'id,p0,p1,p2,p3\n5,1,2,3,4\n'));

    expect({ labels, ids, names, pixels: [...images.pixels] }).toEqual({
      labels: null,
      ids: { name: 'id', values: ['5'] },
      names: ['test.csv:2'],
      pixels: [1, 2, 3, 4],
    });
  });

  it('refuses other files', async () => {
    const path = write('a.png', 'A');

    await expect(readImageTable(path)).rejects.toThrow(
      `openStoredDataset: ${path} must be a .csv file, plain, .gz or .zip, got another file`,
    );
  });
});
