import type { BackendName } from '@digits/engine-tfjs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { type OpenPage, openPage } from '../page-run.ts';

/** The backends of TensorFlow.js that a page has. */
export const PAGE_BACKENDS = ['wasm', 'webgl', 'webgpu', 'cpu'] as const satisfies readonly BackendName[];

export type PageBackend = (typeof PAGE_BACKENDS)[number];

/** Opens a page with the TensorFlow.js engine on one backend; `ask` of it answers for the engine. */
export async function openTfjsPage(browser: Browser, backend: PageBackend): Promise<OpenPage> {
  const require = createRequire(import.meta.url);
  const opened = await openPage(browser, {
    entry: fileURLToPath(new URL('../pages/engine-tfjs.ts', import.meta.url)),
    isolated: true,
    folder: join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist'),
  });
  await opened.call('start', backend);
  return opened;
}
