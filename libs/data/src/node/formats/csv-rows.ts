import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import papaparse from 'papaparse';
import { isHidden } from '../picture-listing.ts';
import { problem } from './problem.ts';
import { zipEntries } from './zip-entries.ts';

/** Endings of tables: CSV, with commas, semicolons or tabs, plain or compressed. */
const TABLE_NAME = /\.(csv|tsv)(\.gz|\.zip)?$/i;

/** Whether a file's name is one of a table. */
export function isTableName(name: string): boolean {
  return TABLE_NAME.test(name) && !isHidden(name);
}

/** Returns the name of a table as it is called without compression. */
export function tableName(path: string): string {
  return basename(path).replace(/\.(gz|zip)$/i, '');
}

/** Bytes without the end of a row after which a file is not a table. */
const MAX_ROW_BYTES = 2 ** 22;

const CHUNK_BYTES = 2 ** 18;

/**
 * Reads a table row by row, with a chunk of it in memory at a time. Empty lines are left out.
 *
 * @param onRow gets the fields and the line number, from 1; reading ends early if it returns false
 * @param hash is updated with the bytes, decompressed
 * @throws RangeError if the file is damaged, is not text in UTF-8 or is not a table; any error from `onRow`
 */
export async function readTable(
  path: string,
  onRow: (fields: readonly string[], line: number) => boolean | undefined,
  hash?: Hash,
): Promise<void> {
  let line = 0;
  let bytesSinceRow = 0;
  async function* text(): AsyncGenerator<string> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    for await (const bytes of tableBytes(path)) {
      hash?.update(bytes);
      bytesSinceRow += bytes.length;
      if (bytesSinceRow > MAX_ROW_BYTES) {
        throw problem(
          `${path}:${line + 1}`,
          `end within ${MAX_ROW_BYTES} bytes`,
          'a longer row',
          'is a quotation mark missing, or is this not a CSV file?',
        );
      }
      yield decode(path, decoder, bytes);
    }
    yield decode(path, decoder);
  }
  const input = Readable.from(text(), { objectMode: true });
  await new Promise<void>((resolve, reject) => {
    const end = (error?: unknown): void => {
      input.destroy();
      if (error === undefined) resolve();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- it is passed on as it came
      else reject(error);
    };
    papaparse.parse<string[]>(input, {
      delimitersToGuess: [',', '\t', ';', '|'],
      chunk: ({ data, errors }, parser) => {
        try {
          for (const fields of data) {
            line++;
            if (fields.length === 1 && fields[0].trim() === '') continue;
            bytesSinceRow = 0;
            if (onRow(fields, line) === false) {
              end();
              parser.abort();
              return;
            }
          }
          const quotes = errors.find(({ type }) => type === 'Quotes');
          if (quotes !== undefined) {
            throw problem(path, 'have paired quotation marks', `${quotes.message} in or after line ${line}`);
          }
        } catch (error) {
          // First, because Papa Parse takes an abort for the end of the file.
          end(error);
          parser.abort();
        }
      },
      complete: () => {
        end();
      },
      error: end,
    });
  });
}

/** Reads the first rows of a table that are not empty. */
export async function readFirstRows(path: string, numRows: number): Promise<string[][]> {
  const rows: string[][] = [];
  await readTable(path, (fields) => rows.push([...fields]) < numRows);
  return rows;
}

function decode(path: string, decoder: InstanceType<typeof TextDecoder>, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw problem(path, 'be text in UTF-8', 'other bytes', 'save it as CSV in UTF-8');
  }
}

async function* tableBytes(path: string): AsyncGenerator<Uint8Array> {
  if (/\.zip$/i.test(path)) {
    yield* zippedBytes(path);
    return;
  }
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!/\.gz$/i.test(path)) {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on('error', (error) => gunzip.destroy(error));
  try {
    yield* file.pipe(gunzip) as AsyncIterable<Buffer>;
  } catch (cause) {
    const { message } = cause as Error;
    throw problem(path, 'be whole gzip data', `damaged data (${message})`, 'fetch it again');
  } finally {
    file.destroy();
  }
}

/** Reads the only table of an archive, as Kaggle packs single files. */
async function* zippedBytes(path: string): AsyncGenerator<Uint8Array> {
  let found: string | null = null;
  for await (const entry of zipEntries(path)) {
    if (!isTableName(basename(entry.name)) || entry.name.split('/').some(isHidden)) continue;
    if (found !== null) {
      throw problem(path, 'hold one CSV file', `${found} and ${entry.name}`, 'unpack it and name one of them');
    }
    found = entry.name;
    yield* entry.read();
  }
  if (found === null) throw problem(path, 'hold a CSV file', 'none');
}
