import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { headersFile, withPolicy } from './policy.ts';

/** Types worth compressing; pictures and fonts are compressed already. */
const COMPRESSIBLE = new Set([
  ...['.html', '.js', '.css', '.json', '.svg', '.txt', '.webmanifest', '.wasm', '.bin', '.map'],
]);
/** A smaller answer fits a packet anyway. */
const MIN_BYTES = 1024;
/** A copy that saves less is not worth the browser's work. */
const WORTHWHILE = 0.95;

/**
 * Writes each page's policy into the page, and `_headers` beside them, for hosts that set no headers of their own.
 *
 * @param folder the built site
 * @param basePath the folder of the host that it will lie in, e.g. `/digits`; '' for the root
 * @throws Error when the folder holds no built site
 */
export async function writePolicies(folder: string, basePath: string): Promise<void> {
  for (const [path, html] of await readPages('writePolicies', folder)) {
    await writeFile(join(folder, path), withPolicy(html));
  }
  await writeFile(join(folder, '_headers'), headersFile(basePath));
}

/**
 * Writes a `.br` and a `.gz` beside every file that gets smaller by it.
 *
 * @param folder the built site
 * @throws Error when the folder holds no built site
 */
export async function compressSite(folder: string): Promise<void> {
  for (const path of await listSite('compressSite', folder)) {
    if (COMPRESSIBLE.has(extname(path))) await compressFile(join(folder, path));
  }
}

async function compressFile(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < MIN_BYTES) return;
  const copies = {
    '.br': await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    '.gz': await promisify(gzip)(bytes, { level: 9 }),
  };
  for (const [suffix, copy] of Object.entries(copies)) {
    if (copy.length < WORTHWHILE * bytes.length) await writeFile(path + suffix, copy);
  }
}

/**
 * Finds all files of a built site.
 *
 * @returns paths from the site's root, beginning with `/`, sorted
 * @throws Error when the folder holds no built site
 */
async function listSite(caller: string, folder: string): Promise<readonly string[]> {
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
