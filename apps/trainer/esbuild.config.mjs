/** Bundles the command line and its workers; third-party packages stay in node_modules. */
import { build } from 'esbuild';
import { copyFileSync, readFileSync } from 'node:fs';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

await build({
  entryPoints: ['src/main.ts', 'src/training-worker.ts', 'src/pages-worker.ts', 'src/trial-worker.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  external: Object.keys(dependencies),
  logLevel: 'warning',
});

// The program reads them beside itself.
copyFileSync('src/export/onnx.proto', 'dist/onnx.proto');
copyFileSync('src/run/event.proto', 'dist/event.proto');
