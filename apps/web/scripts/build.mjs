/** Builds the site into `out/`: what it serves beside its code, then Next's export, then what needs the exported files. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preparePublicFiles } from './public-files.mjs';
import { bundleWorkers } from './workers.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
const site = join(folder, 'out');

await preparePublicFiles(folder);
const workers = await bundleWorkers(folder);

const next = createRequire(import.meta.url).resolve('next/dist/bin/next');
const { status } = spawnSync(process.execPath, [next, 'build'], {
  cwd: folder,
  stdio: 'inherit',
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NEXT_PUBLIC_WORKERS: JSON.stringify(workers.urls) },
});
if (status !== 0) process.exit(status ?? 1);

await workers.write(site);
