import { createHash, type Hash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import type { DatasetForm, ReadingProgress, StoredDataset, StoredSplit, StoredSplitName } from '../stored-dataset.ts';
import type { PictureLayout, PixelLayout } from './csv-layout.ts';
import { isTableName, readTable, tableName } from './csv-rows.ts';
import { emnistLabels, emnistSetOf } from './emnist-names.ts';
import { encodeLabels } from './label-values.ts';
import { layoutOf, notATable, readPixelTable } from './pixel-table.ts';
import { listed, problem, quoted } from './problem.ts';
import { SPLIT_ORDER, splitOfName } from './split-words.ts';

/** Tables of pixels, as Kaggle has them, and tables of picture files with their labels. */
export const csvForm: DatasetForm = {
  description:
    'a .csv file (plain, .gz or .zip) with a label and the pixels of an image in each row, or with picture files and labels, or a folder with such train.csv and test.csv',
  matches: async (path) =>
    (await stat(path)).isDirectory() ? (await tablesIn(path)).length > 0 : isTableName(basename(path)),
  open: async (path, onRead) => {
    const tables = (await stat(path)).isDirectory() ? await tablesIn(path) : [await openTable(path)];
    return tables.some(({ layout }) => layout.kind === 'pictures')
      ? openPictures(path, tables, onRead)
      : openPixels(path, tables);
  },
};

interface Table {
  readonly path: string;
  readonly layout: PixelLayout | PictureLayout;
}

async function openTable(path: string): Promise<Table> {
  const layout = await layoutOf(path);
  if (layout === null) throw await notATable(path);
  return { path, layout };
}

/** Finds the tables of images in a folder, and in its folders of splits if there is none; other tables are left out. */
async function tablesIn(folder: string): Promise<Table[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const tables: Table[] = [];
  for (const { name } of entries.filter((entry) => !entry.isDirectory() && isTableName(entry.name))) {
    const path = join(folder, name);
    const layout = await layoutOf(path);
    if (layout !== null) tables.push({ path, layout });
  }
  if (tables.length > 0) return tables;
  for (const { name } of entries.filter((entry) => entry.isDirectory() && splitOfName(entry.name) !== null)) {
    for (const file of (await readdir(join(folder, name))).filter(isTableName).sort()) {
      const path = join(folder, name, file);
      const layout = await layoutOf(path);
      if (layout !== null) tables.push({ path, layout });
    }
  }
  return tables;
}

/** Sorts the tables by their splits, of which each has one. A single table without the name of one is `train`. */
function bySplit<T extends Table>(folder: string, tables: readonly T[]): { name: StoredSplitName; table: T }[] {
  const named = tables.map((table) => {
    const name = splitOfName(tableName(table.path)) ?? splitOfName(relative(folder, dirname(table.path)));
    if (name === null && tables.length > 1) {
      throw problem(
        folder,
        'hold one table of images for each split, called train, validation or test',
        listed(tables.map(({ path }) => relative(folder, path))),
        'name one of the files, or move the others away',
      );
    }
    return { name: name ?? 'train', table };
  });
  return SPLIT_ORDER.flatMap((name) => {
    const found = named.filter((entry) => entry.name === name);
    if (found.length > 1) {
      throw problem(
        folder,
        `hold one table of images for the ${name} split`,
        listed(found.map(({ table }) => relative(folder, table.path))),
        'name one of the files, or move the others away',
      );
    }
    return found;
  });
}

async function openPixels(path: string, tables: readonly Table[]): Promise<StoredDataset> {
  const labelled = tables.flatMap(({ path: file, layout }) =>
    layout.kind === 'pixels' && layout.labelColumn !== null ? [{ path: file, layout }] : [],
  );
  const unlabelled = tables.filter((table) => !labelled.some(({ path: file }) => file === table.path));
  if (labelled.length === 0) {
    throw problem(
      tables[0].path,
      'have a label in each row',
      `${tables[0].layout.numColumns} columns without one`,
      "add a column 'label'; to predict the labels, use predict --csv FILE --kaggle",
    );
  }
  const hash = createHash('sha256');
  const emnist = emnistSetOf(basename(labelled[0].path));
  const read = [];
  for (const { name, table } of bySplit(path, labelled)) {
    const { labels, ...rest } = await readPixelTable(table.path, table.layout, hash);
    const whereIs = (index: number) => `${table.path}${rest.names[index].slice(rest.names[index].lastIndexOf(':'))}`;
    const values = emnist === null ? (labels ?? []) : emnistLabels(emnist, labels ?? [], whereIs);
    read.push({ name, file: table.path, ...rest, values, whereIs });
  }
  const { classNames, labels } = encodeLabels(read, emnist?.classNames);
  const splits: Partial<Record<StoredSplitName, StoredSplit>> = {};
  read.forEach(({ name, images, names }, i) => {
    splits[name] = { images, labels: labels[i], names };
  });
  const notes = read.flatMap((split) => split.notes);
  for (const { path: file } of unlabelled) {
    notes.push(`${tableName(file)} has no labels and is left out; predict --csv FILE --kaggle predicts them.`);
  }
  return { form: 'CSV', splits, classNames, checksum: hash.digest('hex'), notes };
}

/** One row of a table of picture files. */
interface PictureRow {
  /** Path of the picture on the disk. */
  readonly path: string;
  /** Path of the picture from the data set. */
  readonly name: string;
  readonly label: string;
  readonly split: StoredSplitName;
  /** The table's path and line. */
  readonly where: string;
}

async function openPictures(path: string, tables: readonly Table[], onRead?: ReadingProgress): Promise<StoredDataset> {
  const isFolder = (await stat(path)).isDirectory();
  const root = isFolder ? path : dirname(path);
  const hash = createHash('sha256');
  const rows: PictureRow[] = [];
  for (const { name, table } of bySplit(root, tables)) {
    if (table.layout.kind !== 'pictures') {
      throw problem(path, 'hold tables of pixels alone or of picture files alone', 'both', 'name one of the files');
    }
    rows.push(...(await readPictureTable(root, table.path, table.layout, name, hash)));
  }
  const splits = SPLIT_ORDER.map((name) => ({ name, rows: rows.filter(({ split }) => split === name) })).filter(
    (split) => split.rows.length > 0,
  );
  if (splits.length === 0) throw problem(tables[0].path, 'list at least one picture', 'none');
  const { classNames, labels } = encodeLabels(
    splits.map((split) => ({
      name: split.name,
      file: tables[0].path,
      values: split.rows.map(({ label }) => label),
      whereIs: (index) => split.rows[index].where,
    })),
  );
  await hashPictures(rows, hash, onRead);
  const stored: Partial<Record<StoredSplitName, StoredSplit>> = {};
  splits.forEach((split, i) => {
    stored[split.name] = {
      images: { form: 'files', count: split.rows.length, read: (index) => readFile(split.rows[index].path) },
      labels: labels[i],
      names: split.rows.map(({ name }) => name),
    };
  });
  return { form: 'pictures with a table', splits: stored, classNames, checksum: hash.digest('hex'), notes: [] };
}

/** A row as its table has it. */
interface ListedPicture extends Pick<PictureRow, 'label' | 'split' | 'where'> {
  /** Path of the picture within the folder of the pictures. */
  readonly file: string;
}

async function readPictureTable(
  root: string,
  path: string,
  layout: PictureLayout,
  tableSplit: StoredSplitName,
  hash: Hash,
): Promise<PictureRow[]> {
  const rows: ListedPicture[] = [];
  let isFirst = true;
  await readTable(
    path,
    (fields, line) => {
      const isHeaderRow = isFirst && layout.hasHeader;
      isFirst = false;
      if (isHeaderRow) return true;
      const where = `${path}:${line}`;
      if (fields.length !== layout.numColumns) {
        throw problem(where, `have ${layout.numColumns} fields as the first row has`, String(fields.length));
      }
      const file = normalize(fields[layout.fileColumn].trim().replaceAll('\\', '/'));
      if (isAbsolute(file) || file === '.' || file.split(sep)[0] === '..') {
        throw problem(
          where,
          'name a picture in the folder of the table',
          quoted(fields[layout.fileColumn]),
          'move the table to the folder that holds the pictures',
        );
      }
      const split = layout.splitColumn === null ? tableSplit : splitOfField(where, fields[layout.splitColumn]);
      rows.push({ file, label: fields[layout.labelColumn], split, where });
      return true;
    },
    hash,
  );
  if (rows.length === 0) return [];
  const folder = await findPictures(path, rows);
  return rows.map(({ file, ...row }) => {
    const picture = join(folder, file);
    return { ...row, path: picture, name: relative(root, picture).split(sep).join('/') };
  });
}

function splitOfField(where: string, field: string): StoredSplitName {
  const split = splitOfName(field);
  if (split === null) throw problem(where, 'have train, validation or test as its split', quoted(field));
  return split;
}

const CONCURRENT_READS = 16;

/** Folders beside a table in which its pictures may be; `train` for `train.csv`. */
function pictureFolders(path: string): string[] {
  const stem = tableName(path).replace(/\.[a-z]+$/i, '');
  return ['.', stem, 'images', join('images', stem), `${stem}_images`];
}

/** Finds the folder with the pictures of a table by its first row, and checks that all of them are there. */
async function findPictures(table: string, rows: readonly ListedPicture[]): Promise<string> {
  const folders = pictureFolders(table).map((name) => join(dirname(table), name));
  let folder = folders[0];
  for (const candidate of folders.reverse()) {
    if (await exists(join(candidate, rows[0].file))) folder = candidate;
  }
  const missing: ListedPicture[] = [];
  for (let start = 0; start < rows.length; start += CONCURRENT_READS) {
    const some = rows.slice(start, start + CONCURRENT_READS);
    const found = await Promise.all(some.map(({ file }) => exists(join(folder, file))));
    missing.push(...some.filter((_, i) => !found[i]));
  }
  if (missing.length === 0) return folder;
  throw problem(
    missing[0].where,
    `name a picture in ${folder}`,
    `${quoted(missing[0].file)}, which does not exist, as ${missing.length} of ${rows.length} do not`,
    'put the pictures there, or correct their paths in the table',
  );
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

/** Adds the bytes of all pictures to a checksum. */
async function hashPictures(rows: readonly PictureRow[], hash: Hash, onRead?: ReadingProgress): Promise<void> {
  for (let start = 0; start < rows.length; start += CONCURRENT_READS) {
    const some = rows.slice(start, start + CONCURRENT_READS);
    const digests = await Promise.all(
      some.map(async ({ path }) =>
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ),
    );
    some.forEach(({ name }, i) => hash.update(`${name}\n${digests[i]}\n`));
    onRead?.(some.length, rows.length);
  }
}
