import type { Browser, Page } from 'playwright-core';
import { bundleForPage } from './page-bundle.ts';
import { serve } from './server.ts';

/** What runs in a page. */
export interface PageRun {
  /** Path of a module that exports `run(argument)`, which may be async. */
  readonly entry: string;
  /** Whether the page is cross-origin isolated. */
  readonly isolated: boolean;
  /** Passed to `run`: JSON values and typed arrays. */
  readonly argument?: unknown;
  /** Further files of the server, by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/**
 * Bundles a module, opens it in a page of its own and calls its `run`.
 *
 * @returns what `run` returned: JSON values and typed arrays
 * @throws Error where `run` throws, with what the page wrote to its console
 */
export async function runInPage<T>(browser: Browser, { entry, isolated, argument, files }: PageRun): Promise<T> {
  const served = await serve({ files: { ...(await bundleForPage(entry)), ...files }, isolated });
  const page = await browser.newPage();
  const written = listen(page);
  try {
    await page.goto(`${served.url}/`);
    return await page.evaluate(callRun<T>, argument);
  } catch (error) {
    throw new Error(`runInPage: ${entry} failed in the page; its console: ${written.join('; ') || 'empty'}`, {
      cause: error,
    });
  } finally {
    await page.close();
    await served.close();
  }
}

function listen(page: Page): readonly string[] {
  const written: string[] = [];
  page.on('console', (message) => written.push(message.text()));
  page.on('pageerror', (error) => written.push(error.message));
  return written;
}

/** Runs in the page, so that it must stand alone. */
async function callRun<T>(argument: unknown): Promise<T> {
  const { pageModule } = globalThis as unknown as { pageModule?: { run(argument: unknown): T | Promise<T> } };
  if (pageModule === undefined) throw new Error('the module did not load');
  return pageModule.run(argument);
}
