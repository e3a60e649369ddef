import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { isHidden } from '../picture-listing.ts';
import type {
  DatasetForm,
  ReadingProgress,
  StoredDataset,
  StoredFiles,
  StoredSplit,
  StoredSplitName,
} from '../stored-dataset.ts';
import { problem } from './problem.ts';
import { isSplitName, SPLIT_ORDER } from './split-words.ts';
import { zipEntries } from './zip-entries.ts';

const ARCHIVE_NAME = /\.(zip|tar|tar\.gz|tgz)$/i;

/** Limits of an archive. They keep a small archive from filling the disk or the memory. */
interface ArchiveLimits {
  readonly numFiles: number;
  readonly numBytes: number;
}

const LIMITS: ArchiveLimits = { numFiles: 1_000_000, numBytes: 2 ** 31 };

/**
 * Makes the form of archives with a data set of another form in them. An archive is unpacked into a temporary folder, which is removed
 * before the data set is returned.
 *
 * @param openContent opens what was unpacked
 */
export function createArchiveForm(
  openContent: (path: string, onRead?: ReadingProgress) => Promise<StoredDataset>,
  limits: ArchiveLimits = LIMITS,
): DatasetForm {
  return {
    description: 'a .zip, .tar, .tar.gz or .tgz archive of any of these',
    matches: async (path) => ARCHIVE_NAME.test(path) && (await stat(path)).isFile(),
    open: async (path, onRead) => {
      const folder = await mkdtemp(join(tmpdir(), 'digits-archive-'));
      try {
        await unpack(path, folder, limits);
        const dataset = await openContent(await contentOf(path, folder), onRead);
        const notes = dataset.notes.map((note) => note.replaceAll(folder, path));
        return await inMemory({ ...dataset, notes });
      } catch (error) {
        // The user knows the archive, not the folder.
        if (error instanceof Error) error.message = error.message.replaceAll(folder, path);
        throw error;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** One file of an archive. */
interface ArchiveEntry {
  readonly name: string;
  /** Size as the archive declares it. */
  readonly size: number;
  read(): AsyncIterable<Buffer>;
}

/** Unpacks the files that are not hidden. */
async function unpack(path: string, folder: string, limits: ArchiveLimits): Promise<void> {
  let numFiles = 0;
  let numBytes = 0;
  const folders = new Set<string>();
  let writes: Promise<void>[] = [];
  try {
    for await (const entry of /\.zip$/i.test(path) ? zipEntries(path) : tarEntries(path)) {
      const parts = entry.name.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
      if (parts.includes('..') || /^([/\\]|[a-z]:)/i.test(entry.name)) {
        throw problem(path, 'hold paths within the archive', `'${entry.name}'`, 'make it again from inside its folder');
      }
      if (parts.length === 0 || parts.some(isHidden)) continue;
      numFiles++;
      numBytes += entry.size;
      if (numFiles > limits.numFiles || numBytes > limits.numBytes) {
        throw problem(
          path,
          `unpack to at most ${limits.numFiles} files and ${limits.numBytes} bytes`,
          numFiles > limits.numFiles ? `more than ${limits.numFiles} files` : `at least ${numBytes} bytes`,
          'unpack it yourself and name the folder',
        );
      }
      const target = join(folder, ...parts);
      if (!folders.has(dirname(target))) {
        await mkdir(dirname(target), { recursive: true });
        folders.add(dirname(target));
      }
      if (entry.size > MAX_SMALL_BYTES) {
        await write(path, entry.name, target, entry.read());
        continue;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of entry.read()) chunks.push(chunk);
      writes.push(write(path, entry.name, target, Buffer.concat(chunks)));
      if (writes.length === CONCURRENT_FILES) {
        await Promise.all(writes);
        writes = [];
      }
    }
    await Promise.all(writes);
  } finally {
    // After an error too: the folder can be removed only when nothing is written to it.
    await Promise.allSettled(writes);
  }
}

/** Files up to this size are written several at a time. */
const MAX_SMALL_BYTES = 2 ** 18;
const CONCURRENT_FILES = 16;

async function write(
  path: string,
  name: string,
  target: string,
  content: Buffer | AsyncIterable<Buffer>,
): Promise<void> {
  await writeFile(target, content, { flag: 'wx' }).catch((cause: unknown) => {
    throw (cause as NodeJS.ErrnoException).code === 'EEXIST'
      ? problem(path, 'hold each file once', `'${name}' twice`)
      : cause;
  });
}

/** Lists the files of a tar archive; folders, links and devices are left out. */
async function* tarEntries(path: string): AsyncGenerator<ArchiveEntry> {
  const tar = extract();
  const file = createReadStream(path);
  const work = /gz$/i.test(path) ? pipeline(file, createGunzip(), tar) : pipeline(file, tar);
  // The loop below fails with the same error.
  work.catch(() => undefined);
  let numEntries = 0;
  try {
    for await (const entry of tar) {
      numEntries++;
      const { name, size = 0, type } = entry.header;
      if (type === 'file' || type === 'contiguous-file') yield { name, size, read: () => entry };
      entry.resume();
    }
    await work;
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    if (cause instanceof RangeError || (code !== undefined && !code.startsWith('Z_'))) throw cause;
    throw problem(path, 'be a whole tar archive', `damaged data (${message})`, 'fetch it again');
  } finally {
    tar.destroy();
    file.destroy();
  }
  if (numEntries === 0) throw problem(path, 'be a tar archive with files', 'none');
}

/** Returns the data set in what was unpacked: a lone file, or what is in a lone folder around everything else. */
async function contentOf(path: string, folder: string): Promise<string> {
  const names = await readdir(folder);
  if (names.length === 0) throw problem(path, 'hold files', 'none that is not hidden');
  if (names.length > 1) return folder;
  const only = join(folder, names[0]);
  if ((await stat(only)).isFile()) return only;
  return isSplitName(names[0]) ? folder : contentOf(path, only);
}

/** Holds picture files in memory. Their folder can then be removed. */
async function inMemory(dataset: StoredDataset): Promise<StoredDataset> {
  const splits: Partial<Record<StoredSplitName, StoredSplit>> = {};
  for (const name of SPLIT_ORDER) {
    const split = dataset.splits[name];
    if (split === undefined) continue;
    splits[name] = split.images.form === 'files' ? { ...split, images: await readAll(split.images) } : split;
  }
  return { ...dataset, splits };
}

async function readAll(stored: StoredFiles): Promise<StoredFiles> {
  const files: Uint8Array[] = [];
  const { count } = stored;
  for (let start = 0; start < count; start += CONCURRENT_FILES) {
    const length = Math.min(CONCURRENT_FILES, count - start);
    files.push(...(await Promise.all(Array.from({ length }, (_, i) => stored.read(start + i)))));
  }
  return { form: 'files', count, read: (index) => Promise.resolve(files[index]) };
}
