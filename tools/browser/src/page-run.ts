import type { Browser, Page } from 'playwright-core';
import { bundleForPage } from './page-bundle.ts';
import { serve } from './server.ts';

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
