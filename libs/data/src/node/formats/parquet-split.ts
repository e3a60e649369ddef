import { basename } from 'node:path';
import type { StoredFiles, StoredPixels } from '../stored-dataset.ts';
import { findLayout, LABEL_NAMES, type PixelLayout } from './csv-layout.ts';
import type { LabelValue } from './label-values.ts';
import type { ParquetFile } from './parquet-file.ts';
import { PixelRows } from './pixel-rows.ts';
import { listed, problem, quoted } from './problem.ts';

/** The images and labels of one split's files. */
export interface ParquetSplit {
  readonly images: StoredPixels | StoredFiles;
  readonly values: readonly LabelValue[];
  /** File and row of each image, from 0. */
  readonly names: readonly string[];
  /** The classes that the file declares, or null. */
  readonly classNames: readonly string[] | null;
  readonly file: string;
  readonly whereIs: (index: number) => string;
  readonly notes: readonly string[];
}

const IMAGE_NAMES: ReadonlySet<string> = new Set(['image', 'img', 'images', 'picture', 'pixels']);

/** Limit on the picture files of one split, which are held in memory. */
const MAX_PICTURE_BYTES = 2 ** 31;

/**
 * Reads the files of one split, one range of rows after the other.
 *
 * @param files at least one, with the same columns
 * @throws RangeError that names the file and what its columns must hold, or the row that is wrong
 */
export async function readParquetSplit(files: readonly ParquetFile[]): Promise<ParquetSplit> {
  const [first] = files;
  for (const { path, columns } of files) {
    const missing = first.columns.find((name) => !columns.includes(name));
    if (missing !== undefined) throw problem(path, `have the columns of ${first.path}`, `no ${quoted(missing)}`);
  }
  if (files.every(({ numRows }) => numRows === 0)) throw problem(first.path, 'hold at least one row', 'none');
  const imageColumn = first.columns.find((name) => IMAGE_NAMES.has(name.toLowerCase()));
  return imageColumn === undefined ? readPixelColumns(files) : readImageColumn(files, imageColumn);
}

/** Rows of several files, one after the other. */
interface RowPlaces {
  readonly names: readonly string[];
  readonly whereIs: (index: number) => string;
}

function placesOf(files: readonly ParquetFile[]): RowPlaces {
  const rows = files.flatMap(({ path, numRows }) => Array.from({ length: numRows }, (_, row) => ({ path, row })));
  return {
    names: rows.map(({ path, row }) => `${basename(path)}:${row}`),
    whereIs: (index) => `${rows[index].path}:${rows[index].row}`,
  };
}

function labelColumnOf({ path, columns, classNames }: ParquetFile): string {
  const declared = columns.filter((name) => classNames.has(name));
  const named = columns.filter((name) => LABEL_NAMES.has(name.toLowerCase()));
  const found = named.at(0) ?? (declared.length === 1 ? declared[0] : undefined);
  if (found !== undefined) return found;
  throw problem(
    path,
    "have a column 'label'",
    `the columns ${listed(columns.map(quoted))}`,
    'rename the column with the labels',
  );
}

async function readImageColumn(files: readonly ParquetFile[], imageColumn: string): Promise<ParquetSplit> {
  const labelColumn = labelColumnOf(files[0]);
  const places = placesOf(files);
  const pictures: Uint8Array[] = [];
  const values: LabelValue[] = [];
  const grids = new GridCollector(files[0].path);
  let numBytes = 0;
  for (const file of files) {
    for (const range of file.rowGroups) {
      for (const row of await file.read([imageColumn, labelColumn], range)) {
        const where = places.whereIs(values.length);
        const image = row[imageColumn];
        const bytes = pictureBytes(image);
        if (bytes !== null && grids.count === 0) {
          numBytes += bytes.length;
          // A copy lets go of the page that it was part of.
          pictures.push(bytes.slice());
        } else if (Array.isArray(image) || ArrayBuffer.isView(image)) {
          if (pictures.length > 0) throw wrongImage(where, imageColumn, image);
          grids.add(image, where);
        } else throw wrongImage(where, imageColumn, image);
        values.push(toLabel(row[labelColumn], where));
      }
      if (numBytes > MAX_PICTURE_BYTES) {
        throw problem(
          file.path,
          `hold at most ${MAX_PICTURE_BYTES} bytes of pictures with its siblings`,
          'more',
          'use fewer files',
        );
      }
    }
  }
  const { images, notes } = grids.count > 0 ? grids.finish() : { images: pictureFiles(pictures), notes: [] };
  return {
    images,
    values,
    ...places,
    classNames: files[0].classNames.get(labelColumn) ?? null,
    file: files[0].path,
    notes,
  };
}

function pictureFiles(pictures: readonly Uint8Array[]): StoredFiles {
  return { form: 'files', count: pictures.length, read: (index) => Promise.resolve(pictures[index]) };
}

/** Returns the bytes of a picture file: `{ bytes, path }` as `datasets` writes it, or bytes alone. */
function pictureBytes(image: unknown): Uint8Array | null {
  if (image instanceof Uint8Array) return image;
  if (typeof image !== 'object' || image === null || !('bytes' in image)) return null;
  return image.bytes instanceof Uint8Array ? image.bytes : null;
}

function wrongImage(where: string, column: string, image: unknown): RangeError {
  const isPath = typeof image === 'object' && image !== null && 'path' in image;
  return problem(
    `${where}: ${quoted(column)}`,
    'hold the bytes of a picture file, or rows of pixels, as the rows before it',
    image === null || image === undefined ? 'nothing' : isPath ? 'a path without bytes' : typeof image,
    isPath ? 'save the data set with its images embedded' : undefined,
  );
}

/** Collects images that are stored as lists of numbers: `[height][width]`, `[height][width][channels]` or the pixels of a square. */
class GridCollector {
  private rows: PixelRows | null = null;
  private shape: readonly number[] = [];
  private size: { readonly height: number; readonly width: number; readonly channels: number } | null = null;

  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  get count(): number {
    return this.rows?.count ?? 0;
  }

  add(image: unknown, where: string): void {
    const shape = shapeOf(image);
    if (this.rows === null || this.size === null) {
      this.size = gridSize(shape);
      this.shape = shape;
      if (this.size === null) {
        throw problem(where, 'hold rows of pixels, or the pixels of a square image', `lists of ${shape.join(' x ')}`);
      }
      this.rows = new PixelRows(this.size.height * this.size.width * this.size.channels, this.file);
    }
    const values = flatten(image);
    const expected = this.shape.reduce((product, n) => product * n, 1);
    if (values.length !== expected || shape.join() !== this.shape.join()) {
      throw problem(where, `hold an image of ${this.shape.join(' x ')} as the first row`, shape.join(' x '));
    }
    this.rows.add(values, 0, (i) => ({ where: `${where}: pixel ${i}`, found: String(values[i]) }));
  }

  finish(): { readonly images: StoredPixels; readonly notes: readonly string[] } {
    if (this.rows === null || this.size === null) throw problem(this.file, 'hold images', 'none');
    const pixels = this.rows.finish();
    const notes = this.rows.wereScaled ? ['Pixels from 0 to 1 were multiplied by 255.'] : [];
    return { images: { form: 'pixels', pixels, count: this.rows.count, ...this.size }, notes };
  }
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function shapeOf(image: unknown): number[] {
  return isList(image) ? [image.length, ...(image.length > 0 ? shapeOf(image[0]) : [])] : [];
}

function flatten(value: unknown): number[] {
  if (!isList(value)) return [toNumber(value)];
  return Array.from(value, flatten).flat();
}

function gridSize(shape: readonly number[]) {
  const [height, width, channels = 1] = shape;
  if (shape.length === 1) {
    const side = Math.sqrt(height);
    return Number.isInteger(side) && side > 0 ? { height: side, width: side, channels: 1 } : null;
  }
  if (shape.length > 3 || height * width === 0 || (channels !== 1 && channels !== 3)) return null;
  return { height, width, channels };
}

async function readPixelColumns(files: readonly ParquetFile[]): Promise<ParquetSplit> {
  const [first] = files;
  const layout = await pixelLayout(first);
  const { side, pixelColumns } = layout;
  const labelColumn = first.columns[layout.labelColumn];
  const places = placesOf(files);
  const rows = new PixelRows(side * side, first.path);
  const values: LabelValue[] = [];
  for (const file of files) {
    for (const range of file.rowGroups) {
      const numRows = range.end - range.start;
      const group = new Float32Array(numRows * side * side);
      // Column by column, as they are stored: rows as objects would take many times the memory.
      for (const [pixel, index] of pixelColumns.entries()) {
        const name = first.columns[index];
        const column = await file.readColumn(name, range);
        for (let i = 0; i < numRows; i++) group[i * side * side + pixel] = toNumber(column[i]);
      }
      for (let i = 0; i < numRows; i++) {
        const where = places.whereIs(rows.count);
        rows.add(group, i * side * side, (pixel) => ({
          where: `${where}: ${quoted(first.columns[pixelColumns[pixel]])}`,
          found: String(group[i * side * side + pixel]),
        }));
      }
      for (const label of Array.from(await file.readColumn(labelColumn, range))) {
        values.push(toLabel(label, places.whereIs(values.length)));
      }
    }
  }
  return {
    images: { form: 'pixels', pixels: rows.finish(), count: values.length, height: side, width: side, channels: 1 },
    values,
    ...places,
    classNames: first.classNames.get(labelColumn) ?? null,
    file: first.path,
    notes: rows.wereScaled ? ['Pixels from 0 to 1 were multiplied by 255.'] : [],
  };
}

async function pixelLayout(file: ParquetFile): Promise<PixelLayout & { readonly labelColumn: number }> {
  const [row] = await file.read(file.columns, { start: 0, end: 1 });
  const example = file.columns.map((name) => String(row[name]));
  const layout = findLayout(file.path, file.columns, example);
  if (layout?.kind !== 'pixels') {
    throw problem(
      file.path,
      "have the columns 'image' and 'label', or a label and a column for each pixel",
      `the columns ${listed(file.columns.map(quoted))}`,
      'rename the columns',
    );
  }
  if (layout.labelColumn === null) {
    throw problem(file.path, "have a column 'label'", `${file.columns.length} columns of pixels alone`);
  }
  return { ...layout, labelColumn: layout.labelColumn };
}

/** NaN for what is not a number. */
function toNumber(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : NaN;
}

function toLabel(value: unknown, where: string): LabelValue {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  throw problem(
    where,
    'have a number or a name as its label',
    value === null || value === undefined ? 'none' : typeof value,
  );
}
