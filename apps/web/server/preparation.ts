import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/**
 * What the page may do, its inline scripts aside: nothing but this site, WebAssembly, and workers made from strings (the
 * engine's threads).
 */
const DIRECTIVES: readonly (readonly [name: string, ...sources: readonly string[]])[] = [
  ['default-src', "'self'"],
  ['script-src', "'self'", "'wasm-unsafe-eval'"],
  ['worker-src', "'self'", 'blob:'],
  // React writes style attributes into the exported HTML.
  ['style-src', "'self'", "'unsafe-inline'"],
  ['img-src', "'self'", 'data:', 'blob:'],
  ['connect-src', "'self'"],
  ['object-src', "'none'"],
  ['base-uri', "'none'"],
  ['form-action', "'none'"],
];

/** Opening tag (attributes may hold `>` in quotes) and contents of each script of a page. */
const SCRIPTS = /<script\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([\s\S]*?)<\/script\s*>/gi;
const CHARSET = /<meta\s+charset=[^>]*>/i;
const POLICY_META = /<meta http-equiv="Content-Security-Policy" content="[^"]*">/;

/**
 * Gives the content security policy of a page: a script runs only if it is a file of this site or is in the page now.
 *
 * @param html the page; '' for a file that is not a page
 * @returns the policy as one line, without `frame-ancestors`, which a `<meta>` element cannot say
 * @see https://www.w3.org/TR/CSP3/
 */
export function contentPolicy(html: string): string {
  const hashes = inlineScripts(html).map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return DIRECTIVES.map(([name, ...sources]) =>
    [name, ...sources, ...(name === 'script-src' ? new Set(hashes) : [])].join(' '),
  ).join('; ');
}

/**
 * Writes a page's policy into the page, for hosts that set no headers. Done again it gives the same.
 *
 * @throws RangeError when the page does not declare its charset, after which the policy is written
 */
export function withPolicy(html: string): string {
  const bare = html.replace(POLICY_META, '');
  const charset = CHARSET.exec(bare);
  if (charset === null) throw new RangeError('withPolicy: html must have a <meta charset>, got a page without');
  // After the charset, which browsers look for in the first 1024 bytes only.
  const end = charset.index + charset[0].length;
  const meta = `<meta http-equiv="Content-Security-Policy" content="${contentPolicy(bare)}">`;
  return bare.slice(0, end) + meta + bare.slice(end);
}

/** Contents of the scripts that a browser would run from the page itself; blocks of data are none. */
function inlineScripts(html: string): readonly string[] {
  return [...html.matchAll(SCRIPTS)]
    .filter(([, attributes]) => !/\bsrc\s*=/i.test(attributes) && !/\btype\s*=\s*["']?application\//i.test(attributes))
    .map(([, , script]) => script);
}

/** Headers by their names in lower case. */
type Headers = Readonly<Record<string, string>>;

/** Without these a page cannot share memory with its workers, so that training has one thread only. */
const ISOLATION: Headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const SAFETY: Headers = {
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(self), geolocation=(), microphone=()',
};

/** Files below this folder carry a hash of their contents in their names. */
const HASHED_FOLDER = '/_next/static/';

/** Hashed files never change; of all others a browser asks each time whether its copy is still good. */
const CACHE_HASHED = 'public, max-age=31536000, immutable';
const CACHE_OTHERS = 'no-cache';

/**
 * Gives the headers of one file.
 *
 * @param path from the site's root, beginning with `/`
 * @param html the page, '' for a file that is none
 * @param isolated whether the page may share memory with its workers
 */
export function headersOf(path: string, html: string, isolated: boolean): Headers {
  return {
    ...SAFETY,
    ...(isolated ? ISOLATION : {}),
    'content-security-policy': `${contentPolicy(html)}; frame-ancestors 'none'`,
    'cache-control': path.startsWith(HASHED_FOLDER) ? CACHE_HASHED : CACHE_OTHERS,
  };
}

/**
 * Gives the file `_headers` that Netlify and Cloudflare Pages read; the policies are in the pages.
 *
 * @param basePath the folder of the host that contains the site, e.g. `/digits`; '' for the root
 * @see https://developers.cloudflare.com/pages/configuration/headers/
 */
function headersFile(basePath: string): string {
  const block = (pattern: string, headers: Headers) =>
    [`${basePath}${pattern}`, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`)].join('\n');
  return `${block('/*', { ...SAFETY, ...ISOLATION })}\n${block(`${HASHED_FOLDER}*`, { 'cache-control': CACHE_HASHED })}\n`;
}

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
 * @param basePath the folder of the host that will contain it, e.g. `/digits`; '' for the root
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
