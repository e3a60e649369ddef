import { readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { extname, join } from 'node:path';

/** File name extensions that count as pictures in a folder. A file named directly may have any extension. */
const PICTURE_ENDINGS = ['.png', '.jpg', '.jpeg', '.webp', '.avif', '.gif', '.bmp', '.tif', '.tiff'];

/** What macOS adds to archives: a shadow of every file. */
const ARCHIVE_LITTER = '__MACOSX';

/** Whether a file or folder is hidden or holds nothing of the user's. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name === ARCHIVE_LITTER;
}

/**
 * Lists the pictures in a folder and in its subfolders, linked ones too. Hidden ones and `__MACOSX` are left out.
 *
 * @returns paths that begin with the folder as it was given, in the order of their names
 * @throws Error of the file system if the folder cannot be read
 */
export async function listPictures(folder: string): Promise<string[]> {
  return listBelow(folder, [await realpath(folder)]);
}

/** @param parents real paths of the folder and its ancestors; a link to one of them is not followed */
async function listBelow(folder: string, parents: readonly string[]): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !isHidden(name));
  entries.sort((a, b) => compareNames(a.name, b.name));
  const lists: string[][] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (await isFolder(entry, path)) {
      const real = await realpath(path);
      lists.push(parents.includes(real) ? [] : await listBelow(path, [...parents, real]));
    } else if (PICTURE_ENDINGS.includes(extname(entry.name).toLowerCase())) {
      lists.push([path]);
    }
  }
  return lists.flat();
}

/** Returns the names of all subfolders, linked and hidden ones too, in their order. */
export async function listFolders(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (await isFolder(entry, join(folder, entry.name))) names.push(entry.name);
  }
  return names.sort(compareNames);
}

/** A link to nothing is not a folder. */
async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

/** Compares as `sort` does: the same order on every machine, in any locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
