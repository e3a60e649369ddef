import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadDataset, loadSplit } from './dataset.ts';
import { openStoredDataset } from './open-stored-dataset.ts';
import type { StoredDataset } from './stored-dataset.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-pictures-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes files that hold their own name. */
async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, name);
  }
}

/** Names and class names of each split. */
function contentOf({ splits, classNames }: StoredDataset) {
  return Object.fromEntries(
    Object.entries(splits).map(([split, { names, labels }]) => [
      split,
      names.map((name, i) => `${name}: ${classNames[labels[i]]}`),
    ]),
  );
}

describe('pictureForm', () => {
  it('makes a class of each subfolder, in the order of their names', async () => {
    await write('two/b.PNG', 'two/a.png', 'one/deep/c.jpeg', 'one/notes.txt', 'one/.hidden.png');
    const dataset = await openStoredDataset(folder);
    expect(contentOf(dataset)).toEqual({ train: ['one/deep/c.jpeg: one', 'two/a.png: two', 'two/b.PNG: two'] });
    const { images } = dataset.splits.train ?? { images: null };
    expect(images?.form === 'files' && Buffer.from(await images.read(1)).toString()).toBe('two/a.png');
    expect(dataset.notes).toEqual([]);
  });

  it.each([
    ['train', 'val', 'test'],
    ['Train', 'VALID', 'Test'],
    ['TRAINING', 'validation', 'testing'],
  ])('takes folders %s, %s and %s for splits', async (train, validation, test) => {
    await write(`${train}/a/1.png`, `${train}/b/2.png`, `${validation}/a/3.png`, `${test}/b/4.png`);
    const dataset = await openStoredDataset(folder);
    expect(contentOf(dataset)).toEqual({
      train: [`${train}/a/1.png: a`, `${train}/b/2.png: b`],
      validation: [`${validation}/a/3.png: a`],
      test: [`${test}/b/4.png: b`],
    });
    expect(dataset.classNames).toEqual(['a', 'b']);
  });

  it.each([[['train', 'val']], [['train', 'test']], [['test']], [['train']], [['valid', 'test']]])(
    'takes the splits %j alone',
    async (names) => {
      for (const name of names) await write(`${name}/a/1.png`, `${name}/b/2.png`);
      const splits = names.map((name) => (name.startsWith('val') ? 'validation' : name));
      expect(Object.keys((await openStoredDataset(folder)).splits)).toEqual(splits);
    },
  );

  it('takes classes that are called as splits for classes', async () => {
    await write('train/1.png', 'test/2.png');
    expect(contentOf(await openStoredDataset(folder))).toEqual({ train: ['test/2.png: test', 'train/1.png: train'] });
  });

  it('enters a single folder around the classes', async () => {
    await write('archive/train/a/1.png', 'archive/train/b/2.png', '__MACOSX/archive/train/a/1.png');
    expect(contentOf(await openStoredDataset(folder))).toEqual({
      train: ['archive/train/a/1.png: a', 'archive/train/b/2.png: b'],
    });
  });

  it('leaves out empty, hidden and littering folders, and says so', async () => {
    await write('a/1.png', 'b/2.png', 'b/__MACOSX/2.png', '.git/3.png', '__MACOSX/a/._1.png', 'docs/readme.txt');
    await mkdir(join(folder, 'empty'));
    const dataset = await openStoredDataset(folder);
    expect(contentOf(dataset)).toEqual({ train: ['a/1.png: a', 'b/2.png: b'] });
    const skipped = ['.git (hidden)', '__MACOSX (hidden)', 'docs (no pictures)', 'empty (no pictures)'];
    expect(dataset.notes).toEqual([`Folders left out: ${skipped.map((name) => join(folder, name)).join(', ')}.`]);
  });

  it('leaves out unlabelled pictures of a split, and says so', async () => {
    await write('train/a/1.png', 'train/b/2.png', 'test/3.png');
    const dataset = await openStoredDataset(folder);
    expect(Object.keys(dataset.splits)).toEqual(['train']);
    expect(dataset.notes).toEqual([`Folders left out: ${join(folder, 'test')} (no subfolders of classes).`]);
  });

  it('follows links to folders and files, but not in circles', async () => {
    await write('set/a/1.png', 'elsewhere/2.png', 'other.png');
    await symlink(join(folder, 'elsewhere'), join(folder, 'set/b'));
    await symlink(join(folder, 'set'), join(folder, 'set/a/circle'));
    await symlink(join(folder, 'other.png'), join(folder, 'set/a/linked.png'));
    const dataset = await openStoredDataset(join(folder, 'set'));
    expect(contentOf(dataset)).toEqual({
      train: ['a/1.png: a', 'a/circle/b/2.png: a', 'a/linked.png: a', 'b/2.png: b'],
    });
  });

  it('gives the checksum of paths and bytes, and takes a link to nothing for an unreadable picture', async () => {
    await write('a/1.png', 'b/2.png');
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const lines = ['a/1.png', 'b/2.png'].map((name) => `${name}\n${sha256(name)}\n`);
    expect((await openStoredDataset(folder)).checksum).toBe(sha256(lines.join('')));
    await symlink(join(folder, 'nothing.png'), join(folder, 'b/3.png'));
    const { checksum, splits } = await openStoredDataset(folder);
    expect(checksum).toBe(sha256([...lines, 'b/3.png\nunreadable\n'].join('')));
    await expect(splits.train?.images.form === 'files' && splits.train.images.read(2)).rejects.toThrow('ENOENT');
  });

  it('refuses folders of splits beside classes, two folders of one split, and classes without training pictures', async () => {
    await write('train/a/1.png', 'train/b/2.png', 'c/3.png');
    await expect(openStoredDataset(folder)).rejects.toThrow(
      /splits alone or of classes alone, got train beside c; move/,
    );
    await rm(join(folder, 'c'), { recursive: true });
    await write('val/a/1.png', 'valid/a/1.png');
    await expect(openStoredDataset(folder)).rejects.toThrow(/one folder for each split, got train, val, valid; put/);
    await rm(join(folder, 'valid'), { recursive: true });
    await write('val/z/1.png');
    await expect(openStoredDataset(folder)).rejects.toThrow(/training pictures of every class \(a, b\), got none of z/);
  });

  it('refuses a folder without pictures', async () => {
    await write('a/text.txt', 'b/text.txt');
    await expect(openStoredDataset(folder)).rejects.toThrow(
      /must hold pictures .* in one subfolder for each class, got none/,
    );
    await expect(openStoredDataset(join(folder, 'a'))).rejects.toThrow(/got the folder '.*a' with text.txt$/);
  });
});

describe('loadDataset of pictures', () => {
  /** Black ink on white paper: the first letter of the class says where. */
  const readPicture = (bytes: Uint8Array) => {
    const data = new Uint8Array(28 * 28).fill(255);
    const start = Buffer.from(bytes).toString().startsWith('a') ? 300 : 400;
    data.fill(0, start, start + 5);
    return Promise.resolve({ picture: { data, width: 28, height: 28, channels: 1 as const } });
  };

  it('needs something that decodes pictures, and resizes them to white on black', async () => {
    await write(...Array.from({ length: 14 }, (_, i) => `${i % 2 === 0 ? 'a' : 'b'}/${i}.png`));
    await expect(loadDataset(folder)).rejects.toThrow(
      `loadDataset: ${folder} must be read with readPicture, because it holds picture files; pass that of @digits/picture-files`,
    );
    const { train, test } = await loadDataset(folder, { readPicture });
    expect([train.count, test.count, train.height, train.channels, train.numClasses]).toEqual([12, 2, 28, 1, 2]);
    const first = train.images.subarray(0, 784);
    expect([...first.keys()].filter((i) => first[i] === 255)).toEqual([300, 301, 302, 303, 304]);
    expect((await loadSplit(folder, 'test', { readPicture })).labels).toEqual(test.labels);
  });
});
