import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { problem } from './problem.ts';

/** One file in a ZIP archive. */
export interface ZipEntry {
  /** Path within the archive, without `..`, separated by `/`. */
  readonly name: string;
  /** Size in bytes, not compressed; what is read never exceeds it. */
  readonly size: number;
  /** Reads the file in chunks, and checks its size and checksum. Entries are read one after the other. */
  read(): AsyncGenerator<Buffer>;
}

/**
 * Lists the files of a ZIP archive; folders and links are left out. The archive is closed when the loop over them ends.
 *
 * @throws RangeError if the archive is damaged or encrypted, or a path leads out of it
 */
export async function* zipEntries(path: string): AsyncGenerator<ZipEntry> {
  const damaged = (cause: unknown) =>
    problem(path, 'be a whole ZIP file', `damaged data (${(cause as Error).message})`, 'fetch it again');
  const zip = await openPromise(path).catch((cause: unknown) => {
    throw damaged(cause);
  });
  try {
    const entries = zip.eachEntry();
    for (;;) {
      const next = await entries.next().catch((cause: unknown) => {
        throw damaged(cause);
      });
      if (next.done === true) return;
      const entry = next.value;
      if (entry.fileName.endsWith('/') || isLink(entry)) continue;
      if (entry.isEncrypted()) {
        throw problem(
          path,
          'be a ZIP file without a password',
          `the encrypted file ${entry.fileName}`,
          'unpack it first',
        );
      }
      yield { name: entry.fileName, size: entry.uncompressedSize, read: () => readEntry(path, zip, entry) };
    }
  } finally {
    zip.close();
  }
}

async function* readEntry(path: string, zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  let checksum = 0;
  try {
    const stream: Readable = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (cause) {
    const { message } = cause as Error;
    throw problem(`${path}/${entry.fileName}`, 'be whole', `damaged data (${message})`, 'fetch the archive again');
  }
  if (checksum !== entry.crc32) {
    throw problem(
      `${path}/${entry.fileName}`,
      `have the checksum ${hex(entry.crc32)} of its archive`,
      hex(checksum),
      'fetch the archive again',
    );
  }
}

const FILE_TYPE_MASK = 0o170000;
const LINK_TYPE = 0o120000;

function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK) === LINK_TYPE;
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
