import { builtinModules } from 'node:module';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What is left out of a bundle: what has native parts, and what is optional. */
const EXTERNAL = ['sharp', '@tensorflow/tfjs-node'];

/** How large a program becomes when it imports something. */
export interface BundleSize {
  /** Bytes after minification of all that is loaded at once; what is loaded on demand does not count. */
  readonly minified: number;
  readonly gzipped: number;
}

/**
 * Bundles a program as a web project would.
 *
 * @param folder where its imports are looked for
 * @param platform `browser` fails where anything needs Node
 * @throws Error from esbuild where an import is not found
 */
export async function bundleSize(code: string, folder: string, platform: 'browser' | 'node'): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    splitting: true,
    outdir: folder,
    platform,
    target: 'es2022',
    external: platform === 'node' ? [...EXTERNAL, ...builtinModules] : [],
    logLevel: 'silent',
    absWorkingDir: folder,
  });
  const first = loadedAtOnce(metafile.outputs, 'stdin.js');
  const files = outputFiles.filter(({ path }) => first.has(path.slice(folder.length + 1)));
  return {
    minified: sum(files.map(({ contents }) => contents.length)),
    gzipped: sum(files.map(({ contents }) => gzipSync(contents).length)),
  };
}

interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/** A chunk and those that it imports, but not those that it asks for later. */
function loadedAtOnce(outputs: Readonly<Record<string, Output>>, start: string): Set<string> {
  const found = new Set([start]);
  for (const name of found) {
    for (const { path, kind } of outputs[name].imports)
      if (kind === 'import-statement' && path in outputs) found.add(path);
  }
  return found;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
