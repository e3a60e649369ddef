import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { build } from 'esbuild';

/** Not kept for offline use: what is large and only some need, what no browser with workers loads, the host's own files. */
const LEFT_OUT = [
  /^mnist\//,
  /^_headers$/,
  /^sw\.js$/,
  /\.(br|gz|map)$/,
  /^_not-found\//,
  /^404\//,
  /\/_\w+Manifest\.js$/,
];

/**
 * Writes the service worker into the built site. It names every file by its contents, so that nothing may change afterwards.
 *
 * @param {string} folder of the project
 * @param {string} site the built site
 */
export async function writeServiceWorker(folder, site) {
  const files = (await readdir(site, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(site.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter((file) => !LEFT_OUT.some((pattern) => pattern.test(file)))
    .sort();
  const version = createHash('sha256');
  for (const file of files) version.update(file).update(await readFile(join(site, file)));
  await build({
    entryPoints: [join(folder, 'src', 'service-worker', 'service-worker.ts')],
    outfile: join(site, 'sw.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    define: {
      // A page is asked for by its folder.
      SITE_FILES: JSON.stringify(files.map((file) => file.replace(/(^|\/)index\.html$/, '$1') || '.')),
      SITE_VERSION: JSON.stringify(version.digest('hex').slice(0, 16)),
    },
    logLevel: 'warning',
  });
}
