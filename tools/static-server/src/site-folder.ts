import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * Finds all files of a built site.
 *
 * @returns paths from the site's root, beginning with `/`, sorted
 * @throws Error when the folder holds no built site
 */
export async function listSite(caller: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`)
    .sort();
  if (!paths.includes('/index.html')) {
    throw new Error(
      `${caller}: folder must hold a built site, got ${folder} without index.html; npm run web builds it`,
    );
  }
  return paths;
}

/**
 * Reads a site's pages.
 *
 * @returns the HTML by path from the site's root, e.g. `/train/index.html`
 * @throws Error when the folder holds no built site
 */
export async function readPages(caller: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const paths = (await listSite(caller, folder)).filter((path) => path.endsWith('.html'));
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
  );
}
