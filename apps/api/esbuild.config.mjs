/** Bundles the service and the worker that reads pictures; packages stay in node_modules. */
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

await build({
  entryPoints: ['src/json-worker.ts', 'src/main.ts', 'src/picture-worker.ts'],
  outdir: 'dist',
  bundle: true,
  // The entry point loads the rest only after it can take signals.
  splitting: true,
  chunkNames: '[name]',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  external: Object.keys(dependencies),
  logLevel: 'warning',
});
