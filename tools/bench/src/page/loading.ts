import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BenchSite, DEBUGGING_PORT, READY, SITE_FOLDER } from './site.ts';

/** What a first visit to the Draw page loads. */
export interface FirstLoad {
  /** Bytes after gzip of all scripts and worker programs, until the page can answer. */
  readonly scriptBytes: number;
  /** The same of an empty App Router page, built for the purpose. */
  readonly emptyPageBytes: number;
  /** The model's two files as they are. */
  readonly modelBytes: number;
}

/** In [0, 100], or null where Lighthouse is not installed. */
export type LighthouseScores = Readonly<Record<string, number>> | null;

interface LighthouseModule {
  readonly default: (
    url: string,
    flags: Readonly<Record<string, unknown>>,
  ) => Promise<{ lhr: { categories: Record<string, { id: string; score: number | null }> } } | undefined>;
}

/** Chromium's own "Fast 4G". */
const FAST_4G = {
  offline: false,
  latency: 60 * 2.75,
  downloadThroughput: ((9 * 1000 * 1000) / 8) * 0.9,
  uploadThroughput: ((1.5 * 1000 * 1000) / 8) * 0.9,
};

const CPU_SLOWDOWN = 4;

const WORKSPACE = fileURLToPath(new URL('../../../..', import.meta.url));

/** @returns milliseconds from the start of the navigation until the page can answer, of `count` first visits */
export async function measureReadiness({ browser, url }: BenchSite, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', FAST_4G);
    await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
    await page.addInitScript((selector) => {
      const observer = new MutationObserver(() => {
        if (document.querySelector(selector) === null) return;
        (globalThis as { readyMs?: number }).readyMs = performance.now();
        observer.disconnect();
      });
      observer.observe(document, { subtree: true, childList: true, attributes: true });
    }, READY);
    await page.goto(`${url}/`);
    await page.waitForSelector(READY);
    times.push(await page.evaluate(() => (globalThis as { readyMs?: number }).readyMs ?? NaN));
    await context.close();
  }
  return times;
}

/** Counts what the browser asks for until the page can answer; scripts for browsers without modules are none of it. */
export async function measureFirstLoad({ browser, url }: BenchSite): Promise<FirstLoad> {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const scripts = new Set<string>();
  context.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('.js')) scripts.add(pathname);
  });
  await page.goto(`${url}/`);
  await page.waitForSelector(READY);
  await context.close();
  const model = ['model.json', 'weights.bin'].map((file) => statSync(join(SITE_FOLDER, 'pretrained', file)).size);
  return {
    scriptBytes: [...scripts].reduce((sum, path) => sum + gzipped(join(SITE_FOLDER, path)), 0),
    emptyPageBytes: buildEmptyPage(),
    modelBytes: model[0] + model[1],
  };
}

function gzipped(file: string): number {
  return gzipSync(readFileSync(file), { level: 9 }).length;
}

/** @returns bytes after gzip of the scripts that the page names */
function buildEmptyPage(): number {
  const folder = join(WORKSPACE, 'tools', 'bench', 'dist', 'empty-page');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'app'), { recursive: true });
  const root = JSON.stringify(WORKSPACE);
  const files = {
    'package.json': '{ "name": "empty-page", "private": true, "type": "module" }',
    'next.config.mjs': `export default { output: 'export', turbopack: { root: ${root} } };`,
    'app/layout.jsx': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
    'app/page.jsx': 'export default () => <p>empty</p>;',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const next = createRequire(join(WORKSPACE, 'apps', 'web', 'package.json')).resolve('next/dist/bin/next');
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  const run = spawnSync(process.execPath, [next, 'build'], { cwd: folder, env, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`bench web: the empty page must build, got ${run.stdout}${run.stderr}`);
  const html = readFileSync(join(folder, 'out', 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/<script([^>]*)src="([^"?]+)[^"]*"([^>]*)>/g)]
    .filter(([, before, , after]) => !/nomodule/i.test(before + after))
    .map(([, , path]) => path);
  const bytes = scripts.reduce((sum, path) => sum + gzipped(join(folder, 'out', path)), 0);
  rmSync(folder, { recursive: true, force: true });
  return bytes;
}

/** Asks Lighthouse, as on a phone. It is installed by `npm ci --prefix tools/bench`. */
export async function measureLighthouse({ url }: BenchSite): Promise<LighthouseScores> {
  const name = 'lighthouse';
  const module = await (import(name) as Promise<LighthouseModule>).catch(() => null);
  if (module === null) return null;
  const result = await module.default(`${url}/`, { port: DEBUGGING_PORT, output: 'json', logLevel: 'silent' });
  if (result === undefined) throw new Error('bench web: Lighthouse must give a result, got none');
  const categories = Object.values(result.lhr.categories);
  return Object.fromEntries(categories.map(({ id, score }) => [id, Math.round(100 * (score ?? 0))]));
}
