import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** Endings of the files that are taken for pictures where a folder is named; a file named by itself may end as it likes. */
const PICTURE_ENDINGS = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.bmp', '.tif', '.tiff'];

/** Whether a file's name is one of a picture; hidden files are none. */
function isPictureName(name: string): boolean {
  return !name.startsWith('.') && PICTURE_ENDINGS.includes(extname(name).toLowerCase());
}

/**
 * Lists the pictures in a folder and in its subfolders, hidden ones aside.
 *
 * @returns paths that begin with the folder as it was given, in the order of their names
 * @throws Error of the file system
 */
export async function listPictures(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  entries.sort((a, b) => compareNames(a.name, b.name));
  const lists = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = join(folder, entry.name);
      const isFolder = entry.isSymbolicLink() ? (await stat(path)).isDirectory() : entry.isDirectory();
      if (isFolder) return listPictures(path);
      return isPictureName(entry.name) ? [path] : [];
    }),
  );
  return lists.flat();
}

/** As `sort` does: the same order on every machine, whatever its language. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
