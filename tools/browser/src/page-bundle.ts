import { build } from 'esbuild';
import { dirname, relative, sep } from 'node:path';

/**
 * Bundles a module for a page: `/index.html` loads it and puts its exports on `globalThis.pageModule`.
 *
 * @param entry path of the module, TypeScript or JavaScript; workspace libs are read from their `dist`
 * @returns the files of the page by path, as `serve` takes them
 * @throws Error from esbuild where the module or an import of it cannot be read
 */
export async function bundleForPage(entry: string): Promise<Record<string, string | Uint8Array>> {
  const folder = dirname(entry);
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as pageModule from ${JSON.stringify(entry)};\nglobalThis.pageModule = pageModule;\n`,
      resolveDir: folder,
    },
    bundle: true,
    write: false,
    format: 'esm',
    // TensorFlow.js asks for its backends by dynamic import.
    splitting: true,
    outdir: folder,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  const files: Record<string, string | Uint8Array> = {
    '/index.html':
      '<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="/stdin.js"></script>',
  };
  for (const { path, contents } of outputFiles) {
    files[`/${relative(folder, path).split(sep).join('/')}`] = contents;
  }
  return files;
}
