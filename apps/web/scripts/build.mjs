/** Builds the site into `out/`: what it serves beside its code, then Next's export, then what needs the exported files. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preparePublicFiles } from './public-files.mjs';
import { writeServiceWorker } from './service-worker.mjs';
import { bundleWorkers } from './workers.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
const site = join(folder, 'out');

await preparePublicFiles(folder);
const workers = await bundleWorkers(folder);

const next = createRequire(import.meta.url).resolve('next/dist/bin/next');
run([next, 'build'], { NEXT_TELEMETRY_DISABLED: '1', NEXT_PUBLIC_WORKERS: JSON.stringify(workers.files) });
await workers.write(site);

const server = join(folder, '..', '..', 'tools', 'static-server', 'dist', 'main.js');
// Policies change the pages, so that whatever names pages by their contents comes after this.
run([server, 'policies', site, '--base-path', process.env.DIGITS_BASE_PATH ?? '']);
await writeServiceWorker(folder, site);
run([server, 'compress', site]);

function run(command, env = {}) {
  const { status } = spawnSync(process.execPath, command, {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}
