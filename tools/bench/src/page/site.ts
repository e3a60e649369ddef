import { chromiumForTests, launchChromium } from '@digits/browser-tests';
import { serveSite } from '@digits/web/server';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';

/** The page as `nx build @digits/web` leaves it, or another build of it. */
export const SITE_FOLDER =
  process.env.DIGITS_SITE ?? fileURLToPath(new URL('../../../../apps/web/out', import.meta.url));

/** Lighthouse talks to the browser through it. */
export const DEBUGGING_PORT = 9319;

/** The built page being served, and a browser. */
export interface BenchSite {
  readonly url: string;
  readonly browser: Browser;
  readonly close: () => Promise<void>;
}

/**
 * Serves the built page and starts a browser; the caller closes both.
 *
 * @throws Error where there is no browser, or no built page
 */
export async function startSite(): Promise<BenchSite> {
  const chromium = chromiumForTests('bench web');
  if (chromium === null) throw new Error('bench web: there must be a browser, got none; set CHROMIUM_PATH');
  const served = await serveSite({ folder: SITE_FOLDER, host: '127.0.0.1', port: 0 });
  const browser = await launchChromium(chromium, 'none', [`--remote-debugging-port=${DEBUGGING_PORT}`]);
  return {
    url: served.url,
    browser,
    close: async () => {
      await browser.close();
      await served.close();
    },
  };
}

/** Matches the answer once the model is there. */
export const READY = '[data-testid="prediction"][data-ready="true"]';
