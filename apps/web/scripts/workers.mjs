/*
 * Bundles the workers of `src/workers`, each with what it imports, into files that carry a hash of their contents. Next would split
 * a worker into several files that are loaded one after the other; a single file starts a second sooner on a slow connection.
 * Also bundles the service worker, which names the files of the built site.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { build } from 'esbuild';

/** Where the bundles lie in the site: files below `_next/static` are kept for good by every cache. */
const TARGET = '_next/static/workers';

/** The only worker that trains. */
const TRAINER = 'train-worker.ts';

/** The engine imports its training code on demand. Left in the other bundles, it would split them into several files. */
const TRAINING_CODE = ['*/training-session.js', '*/training-kernels.js'];

/**
 * @param {string} folder of the project
 * @returns {Promise<{ files: Record<string, string[]>, write: (site: string) => Promise<void> }>} by the workers' names the paths
 * of their bundles, each followed by what it cannot start without; and what writes the bundles into the built site
 */
export async function bundleWorkers(folder) {
  const source = join(folder, 'src', 'workers');
  const entries = (await readdir(source)).filter((file) => file.endsWith('-worker.ts'));
  const bundles = await Promise.all(entries.map((file) => bundleWorker(folder, join(source, file))));
  return {
    files: Object.fromEntries(bundles.flatMap(({ metafile }) => filesOf(metafile))),
    write: async (site) => {
      for (const { path, contents } of bundles.flatMap(({ outputFiles }) => outputFiles)) {
        const file = join(site, TARGET, basename(path));
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, contents);
      }
    },
  };
}

/** Each on its own: what two workers share would be a third file, which both would have to wait for. */
function bundleWorker(folder, entry) {
  return build({
    absWorkingDir: folder,
    entryPoints: [entry],
    outdir: TARGET,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    // What only some calls need is loaded by them.
    splitting: true,
    external: basename(entry) === TRAINER ? [] : TRAINING_CODE,
    platform: 'browser',
    target: 'es2022',
    // As Next writes them into the pages; workers start no workers.
    define: {
      'process.env.NEXT_PUBLIC_BASE_PATH': JSON.stringify(process.env.DIGITS_BASE_PATH ?? ''),
      'process.env.NEXT_PUBLIC_WORKERS': 'undefined',
    },
    logLevel: 'warning',
  });
}

function filesOf({ outputs }) {
  return Object.entries(outputs).flatMap(([path, { entryPoint, imports }]) => {
    if (!entryPoint?.startsWith('src/workers/')) return [];
    const needed = imports.filter(({ kind }) => kind === 'import-statement').map((each) => each.path);
    return [[basename(entryPoint, '.ts'), [path, ...needed].map((file) => `/${file}`)]];
  });
}

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
