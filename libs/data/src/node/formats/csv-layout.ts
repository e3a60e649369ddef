import { extname } from 'node:path';
import { problem, quoted } from './problem.ts';

/** A table with one image in each row, a column for each pixel. */
export interface PixelLayout {
  readonly kind: 'pixels';
  readonly hasHeader: boolean;
  readonly numColumns: number;
  /** Null if the table has no labels. */
  readonly labelColumn: number | null;
  /** A column that numbers the rows, such as `id`. */
  readonly idColumn: { readonly index: number; readonly name: string } | null;
  /** Columns of the pixels, row by row of the image. */
  readonly pixelColumns: readonly number[];
  readonly side: number;
}

/** A table of picture files with their labels. */
export interface PictureLayout {
  readonly kind: 'pictures';
  readonly hasHeader: boolean;
  readonly numColumns: number;
  readonly fileColumn: number;
  readonly labelColumn: number;
  readonly splitColumn: number | null;
}

/** What a column of labels is called. */
export const LABEL_NAMES: ReadonlySet<string> = new Set([
  'label',
  'labels',
  'class',
  'target',
  'y',
  'digit',
  'category',
]);
const ID_NAMES: ReadonlySet<string> = new Set([
  '',
  'id',
  'index',
  'imageid',
  'image_id',
  'unnamed: 0',
  'row_id',
  '__index_level_0__',
]);
const SPLIT_NAMES: ReadonlySet<string> = new Set(['split', 'set', 'subset', 'usage']);
const PICTURE_ENDINGS: ReadonlySet<string> = new Set(
  ['png', 'jpg', 'jpeg', 'webp', 'avif', 'gif', 'bmp', 'tif', 'tiff'].map((ending) => `.${ending}`),
);

/**
 * Finds out what the columns of a table are by its first two rows.
 *
 * @param file path of the table, for errors
 * @returns null if the table holds neither pixels nor picture files
 * @throws RangeError if it holds pixels, but of no square image
 */
export function findLayout(
  file: string,
  first: readonly string[],
  second: readonly string[],
): PixelLayout | PictureLayout | null {
  return findPictureLayout(file, first, second) ?? findPixelLayout(file, first, second);
}

function findPictureLayout(file: string, first: readonly string[], second: readonly string[]): PictureLayout | null {
  const hasHeader = !first.some(isPictureName);
  const fileColumn = (hasHeader ? second : first).findIndex(isPictureName);
  if (fileColumn === -1) return null;
  const names = first.map(normalised);
  const others = names.map((_, i) => i).filter((i) => i !== fileColumn);
  const splitColumn = hasHeader ? (others.find((i) => SPLIT_NAMES.has(names[i])) ?? null) : null;
  const labelColumn = hasHeader ? others.find((i) => LABEL_NAMES.has(names[i])) : others[0];
  const candidates = others.filter((i) => i !== splitColumn && !ID_NAMES.has(names[i]));
  const label = labelColumn ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (label === undefined) {
    throw problem(
      file,
      'have a column of labels beside the picture files',
      `the columns ${first.map(quoted).join(', ')}`,
      "name it 'label' in the header",
    );
  }
  return { kind: 'pictures', hasHeader, numColumns: first.length, fileColumn, labelColumn: label, splitColumn };
}

function findPixelLayout(file: string, first: readonly string[], second: readonly string[]): PixelLayout | null {
  const hasHeader = isHeader(first);
  const example = hasHeader ? second : first;
  // A table of pixels is almost all numbers: a label and an id may be none.
  if (example.length < 4 || example.filter((field) => !isNumber(field)).length > 2) return null;
  const numColumns = first.length;
  const names = first.map(normalised);
  const id = hasHeader ? names.findIndex((name) => ID_NAMES.has(name)) : -1;
  const idColumn = id === -1 ? null : { index: id, name: first[id].trim() };
  const columns = names.map((_, i) => i).filter((i) => i !== id);
  const labelColumn = findLabelColumn(names, columns, hasHeader);
  const pixelColumns = columns.filter((i) => i !== labelColumn);
  const side = Math.sqrt(pixelColumns.length);
  if (!Number.isInteger(side) || side === 0) {
    const beside = [
      ...(labelColumn === null ? [] : ['the label']),
      ...(idColumn === null ? [] : [`column ${quoted(idColumn.name)}`]),
    ];
    throw problem(
      file,
      'hold square images of one channel, as many pixel columns as a square number (784 for 28x28)',
      `${pixelColumns.length} beside ${beside.length === 0 ? 'no label' : beside.join(' and ')}`,
      "name the label's column 'label' in a header, and remove columns that are not pixels",
    );
  }
  return {
    kind: 'pixels',
    hasHeader,
    numColumns,
    labelColumn,
    idColumn,
    pixelColumns: hasHeader ? inOrderOfNumbers(pixelColumns, names) : pixelColumns,
    side,
  };
}

/** Without a name that says so, the label is the first column, unless only the last one has a name unlike a pixel's. */
function findLabelColumn(names: readonly string[], columns: readonly number[], hasHeader: boolean): number | null {
  const named = hasHeader ? columns.find((i) => LABEL_NAMES.has(names[i])) : undefined;
  if (named !== undefined) return named;
  if (isSquare(columns.length)) return null;
  if (!isSquare(columns.length - 1)) return hasHeader ? null : columns[0];
  const [first, last] = [columns[0], columns[columns.length - 1]];
  return hasHeader && /\d$/.test(names[first]) && !/\d$/.test(names[last]) ? last : first;
}

/** Images of fewer pixels may well begin with 0, 1, 2, ... */
const MIN_COUNTED = 16;

/**
 * A first row is a header if its fields are not numbers. It is one also if they count the columns, as pandas names them, or if they all
 * differ, as when the first image was taken for the header and its values were made unique (`0.1`, `0.2`, ...).
 */
function isHeader(row: readonly string[]): boolean {
  const numOther = row.filter((field) => !isNumber(field)).length;
  if (numOther > 1) return true;
  const numbers = row.filter(isNumber).map(Number);
  const start = numbers[0];
  if (numbers.length >= MIN_COUNTED && (start === 0 || start === 1) && numbers.every((value, i) => value === start + i))
    return true;
  return row.length > 257 && new Set(row).size === row.length;
}

/** Tables whose columns were sorted by name (`pixel0`, `pixel1`, `pixel10`, ...) get their pixels in the order of the numbers. */
function inOrderOfNumbers(columns: readonly number[], names: readonly string[]): readonly number[] {
  const numbers = columns.map((i) => /^\D*(\d+)$/.exec(names[i])?.[1]).map(Number);
  const sorted = [...numbers].sort((a, b) => a - b);
  const areContiguous = sorted.every((value, i) => value === sorted[0] + i);
  if (!areContiguous) return columns;
  return columns
    .map((column, i) => ({ column, number: numbers[i] }))
    .sort((a, b) => a.number - b.number)
    .map(({ column }) => column);
}

/** Whether a field has the name of a picture file. */
function isPictureName(field: string): boolean {
  return PICTURE_ENDINGS.has(extname(field.trim()).toLowerCase());
}

/** Whether a field is a number. */
export function isNumber(field: string): boolean {
  return field.trim() !== '' && Number.isFinite(Number(field));
}

function isSquare(n: number): boolean {
  return n > 0 && Number.isInteger(Math.sqrt(n));
}

function normalised(name: string): string {
  return name.trim().toLowerCase();
}
