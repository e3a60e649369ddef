import {
  asyncBufferFromFile,
  type AsyncBuffer,
  type ColumnData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { compressors as packageCompressors } from 'hyparquet-compressors';
import { problem } from './problem.ts';

/** An opened Parquet file. */
export interface ParquetFile {
  readonly path: string;
  readonly numRows: number;
  /** Names of the columns, in their order. */
  readonly columns: readonly string[];
  /** Names of the classes that Hugging Face's `datasets` declares, by the column of the labels. */
  readonly classNames: ReadonlyMap<string, readonly string[]>;
  /** Ranges of rows that are stored together. */
  readonly rowGroups: readonly RowRange[];
  /** Reads some columns of a range of rows; bytes stay bytes unless the file says that they are text. */
  read(columns: readonly string[], range: RowRange): Promise<Record<string, unknown>[]>;
  /** Reads one column of a range of rows. */
  readColumn(column: string, range: RowRange): Promise<ArrayLike<unknown>>;
}

/** Rows from `start` to before `end`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

const { LZ4_RAW: decompressLz4, ...others } = packageCompressors;

/** Decoders by codec. hyparquet-compressors 1.1.2 refuses the one byte to which LZ4 compresses an empty page. */
const compressors: typeof packageCompressors = {
  ...others,
  LZ4_RAW: (input, length) => (length === 0 ? new Uint8Array() : (decompressLz4?.(input, length) ?? input)),
};

/**
 * Opens a Parquet file and reads its description.
 *
 * @throws RangeError if it is not a whole Parquet file
 */
export async function openParquet(path: string): Promise<ParquetFile> {
  const whole = async <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((cause: unknown) => {
      throw problem(path, 'be a whole Parquet file', `damaged data (${(cause as Error).message})`, 'fetch it again');
    });
  const file: AsyncBuffer = await asyncBufferFromFile(path);
  const metadata = await whole(parquetMetadataAsync(file));
  return {
    path,
    numRows: Number(metadata.num_rows),
    columns: parquetSchema(metadata).children.map(({ element }) => element.name),
    classNames: declaredClasses(metadata),
    rowGroups: rowRanges(metadata),
    read: (columns, { start, end }) =>
      whole(
        parquetReadObjects({
          file,
          metadata,
          columns: [...columns],
          rowStart: start,
          rowEnd: end,
          compressors,
          utf8: false,
        }),
      ),
    readColumn: async (column, { start, end }) => {
      const values = new Array<unknown>(end - start);
      const onChunk = ({ columnData, rowStart }: ColumnData): void => {
        for (let i = 0; i < columnData.length; i++) {
          const row = rowStart + i - start;
          if (row >= 0 && row < values.length) values[row] = columnData[i];
        }
      };
      await whole(
        parquetRead({
          file,
          metadata,
          columns: [column],
          rowStart: start,
          rowEnd: end,
          compressors,
          utf8: false,
          onChunk,
        }),
      );
      return values;
    },
  };
}

function rowRanges(metadata: FileMetaData): RowRange[] {
  let start = 0;
  return metadata.row_groups.map(({ num_rows: numRows }) => {
    const range = { start, end: start + Number(numRows) };
    start = range.end;
    return range;
  });
}

/** Reads what `datasets` writes: `{"info": {"features": {"label": {"names": [...], "_type": "ClassLabel"}}}}`. */
function declaredClasses(metadata: FileMetaData): Map<string, readonly string[]> {
  const classes = new Map<string, readonly string[]>();
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined) return classes;
  for (const [column, feature] of Object.entries(featuresOf(text))) {
    const names: unknown = isRecord(feature) ? feature.names : undefined;
    if (Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string')) {
      classes.set(column, names);
    }
  }
  return classes;
}

function featuresOf(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return {};
  }
  const info = isRecord(parsed) ? parsed.info : undefined;
  const features = isRecord(info) ? info.features : undefined;
  return isRecord(features) ? features : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
