import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize, relative, sep } from 'node:path';
import type { Browser, Page } from 'playwright-core';

/** A module in a page. */
export interface PageModule {
  /** Path of the module, TypeScript or JavaScript; workspace libs are read from their `dist`. */
  readonly entry: string;
  /** Whether the page is cross-origin isolated. */
  readonly isolated: boolean;
  /** Further files of the server, by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A folder whose files are served too. */
  readonly folder?: string;
}

/** A page whose module can be called. */
export interface OpenPage {
  readonly page: Page;
  /**
   * Calls a function that the module exports.
   *
   * @param argument JSON values and typed arrays
   * @returns what it returned, likewise
   * @throws Error where it throws, with what the page wrote to its console
   */
  readonly call: <T>(name: string, argument?: unknown) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** Bundles a module and loads it in a page of its own; the caller closes it. */
export async function openPage(browser: Browser, { entry, isolated, files, folder }: PageModule): Promise<OpenPage> {
  const options = { files: { ...(await bundleForPage(entry)), ...files }, isolated };
  const served = await serve(folder === undefined ? options : { ...options, folder });
  const page = await browser.newPage();
  const written = listen(page);
  await page.goto(`${served.url}/`);
  return {
    page,
    call: async <T>(name: string, argument?: unknown) => {
      try {
        return await page.evaluate(callExport<T>, { name, argument });
      } catch (error) {
        const text = written.join('; ') || 'empty';
        throw new Error(`openPage: ${name} of ${entry} must not fail in the page; its console: ${text}`, {
          cause: error,
        });
      }
    },
    close: async () => {
      await page.close();
      await served.close();
    },
  };
}

/**
 * Bundles a module, loads it in a page of its own and calls its `run`.
 *
 * @param argument JSON values and typed arrays
 * @returns what `run` returned, likewise
 * @throws Error where `run` throws, with what the page wrote to its console
 */
export async function runInPage<T>(
  browser: Browser,
  { argument, ...module }: PageModule & { readonly argument?: unknown },
): Promise<T> {
  const opened = await openPage(browser, module);
  try {
    return await opened.call<T>('run', argument);
  } finally {
    await opened.close();
  }
}

function listen(page: Page): readonly string[] {
  const written: string[] = [];
  page.on('console', (message) => written.push(message.text()));
  page.on('pageerror', (error) => written.push(error.message));
  return written;
}

/** Runs in the page, so that it must stand alone. */
async function callExport<T>({ name, argument }: { name: string; argument: unknown }): Promise<T> {
  const { pageModule } = globalThis as unknown as {
    pageModule?: Record<string, (argument: unknown) => T | Promise<T>>;
  };
  if (pageModule === undefined) throw new Error('the module did not load');
  return pageModule[name](argument);
}

/**
 * Bundles a module for a page: `/index.html` loads it and puts its exports on `globalThis.pageModule`.
 *
 * @param entry path of the module, TypeScript or JavaScript; workspace libs are read from their `dist`
 * @returns the files of the page by path, as `serve` takes them
 * @throws Error from esbuild where the module or an import of it cannot be read
 */
async function bundleForPage(entry: string): Promise<Record<string, string | Uint8Array>> {
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

/** What is served, and how. */
export interface ServeOptions {
  /** Contents by path, e.g. `/index.html`; they come before what lies in `folder`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A folder whose files are served too. */
  readonly folder?: string;
  /** Whether pages are cross-origin isolated, so that they can share memory with their workers. */
  readonly isolated: boolean;
}

/** A server that answers. */
export interface Served {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Serves files to this machine on a free port; the caller closes it. A path that ends in `/` means its `index.html`. */
export async function serve(options: ServeOptions): Promise<Served> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.endsWith('/') ? `${path}index.html` : path;
    void contents(options, file).then((body) => {
      if (body === null) {
        response.writeHead(404).end();
        return;
      }
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, ...(options.isolated ? ISOLATION : {}) }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function contents({ files, folder }: ServeOptions, path: string): Promise<string | Uint8Array | null> {
  const given = files !== undefined && Object.hasOwn(files, path) ? files[path] : undefined;
  if (given !== undefined) return given;
  if (folder === undefined) return null;
  const root = normalize(folder + sep);
  const file = join(root, path);
  if (!file.startsWith(root)) return null;
  return readFile(file).catch(() => null);
}
