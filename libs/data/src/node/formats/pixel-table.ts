import { createHash, type Hash } from 'node:crypto';
import { basename } from 'node:path';
import type { StoredPixels } from '../stored-dataset.ts';
import { findLayout, isNumber, type PixelLayout } from './csv-layout.ts';
import { isTableName, readFirstRows, readTable, tableName } from './csv-rows.ts';
import { emnistSetOf, transposed } from './emnist-names.ts';
import { PixelRows } from './pixel-rows.ts';
import { listed, problem, quoted } from './problem.ts';

/** Images and labels read from a table. */
export interface PixelTable {
  readonly images: StoredPixels;
  /** Text of each row's label, or null for a table without labels. */
  readonly labels: readonly string[] | null;
  /** File and line of each row (`train.csv:17`). */
  readonly names: readonly string[];
  /** Number of each row in the table's own column of numbers, and that column's name; null without one. */
  readonly ids: { readonly name: string; readonly values: readonly string[] } | null;
  readonly notes: readonly string[];
}

/**
 * Reads a table of images, labelled or not.
 *
 * @param hash is updated with the table's bytes, decompressed
 * @throws RangeError that names the row and column of a value that is not a pixel, or the row of another length
 */
export async function readPixelTable(path: string, layout: PixelLayout, hash: Hash): Promise<PixelTable> {
  const { hasHeader, numColumns, labelColumn, idColumn, pixelColumns, side } = layout;
  const file = tableName(path);
  const rows = new PixelRows(side * side, path);
  const labels: string[] = [];
  const ids: string[] = [];
  const names: string[] = [];
  const values = new Float64Array(side * side);
  let isFirst = true;
  await readTable(
    path,
    (fields, line) => {
      if (isFirst && hasHeader) {
        isFirst = false;
        return true;
      }
      isFirst = false;
      if (fields.length !== numColumns) {
        throw problem(
          `${path}:${line}`,
          `have ${numColumns} fields as the first row has`,
          String(fields.length),
          'was the file cut off?',
        );
      }
      for (let i = 0; i < values.length; i++) values[i] = toNumber(fields[pixelColumns[i]]);
      rows.add(values, 0, (i) => ({
        where: `${path}:${line}: column ${pixelColumns[i] + 1}`,
        found: quoted(fields[pixelColumns[i]]),
      }));
      if (labelColumn !== null) labels.push(fields[labelColumn]);
      if (idColumn !== null) ids.push(fields[idColumn.index].trim());
      names.push(`${file}:${line}`);
      return true;
    },
    hash,
  );
  if (rows.count === 0) throw problem(path, 'hold at least one image', 'none');
  const stored = rows.finish();
  const isEmnist = emnistSetOf(basename(path)) !== null;
  return {
    images: {
      form: 'pixels',
      pixels: isEmnist ? transposed(stored, side) : stored,
      count: names.length,
      height: side,
      width: side,
      channels: 1,
    },
    labels: labelColumn === null ? null : labels,
    names,
    ids: idColumn === null ? null : { name: idColumn.name, values: ids },
    notes: [
      ...(rows.wereScaled ? [`${file}: pixels from 0 to 1 were multiplied by 255.`] : []),
      ...(isEmnist ? [`${file}: EMNIST stores its images transposed; they were turned back.`] : []),
    ],
  };
}

/**
 * Reads a table of images that need not have labels, such as Kaggle's `test.csv`.
 *
 * @param path a `.csv` or `.tsv` file, plain, `.gz` or `.zip`
 * @throws RangeError if it is not such a table
 */
export async function readImageTable(path: string): Promise<PixelTable> {
  if (!isTableName(basename(path))) throw problem(path, 'be a .csv file, plain, .gz or .zip', 'another file');
  const layout = await layoutOf(path);
  if (layout?.kind !== 'pixels') throw await notATable(path);
  return readPixelTable(path, layout, createHash('sha256'));
}

/** Returns what the columns of a table are by its first rows, or null if there are neither pixels nor picture files. */
export async function layoutOf(path: string): Promise<ReturnType<typeof findLayout>> {
  const rows = await readFirstRows(path, 2);
  return rows.length === 0 ? null : findLayout(path, rows[0], rows.at(1) ?? []);
}

/** Describes a table that holds no images. */
export async function notATable(path: string): Promise<RangeError> {
  const rows = await readFirstRows(path, 1);
  return problem(
    path,
    'be a table with a column for each pixel, or of picture files and labels',
    rows.length === 0 ? 'an empty file' : `the columns ${listed(rows[0].map(quoted))}`,
  );
}

/** NaN for what is not a number, an empty field too. */
function toNumber(field: string): number {
  const value = Number(field);
  // Number takes blanks for 0.
  return value === 0 && field !== '0' && !isNumber(field) ? NaN : value;
}
