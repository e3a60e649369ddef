/*
 * Bundles the workers of `src/workers`, each with what it imports, into files that carry a hash of their contents. A
 * worker of Next's is put together from several files that are loaded one after the other; one file starts a second sooner on
 * a slow line.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

/** Where the bundles lie in the site: files below `_next/static` are kept for good by every cache. */
const TARGET = '_next/static/workers';

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
    platform: 'browser',
    target: 'es2022',
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
