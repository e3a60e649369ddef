import type { ReadingJson } from '@digits/reader';
import { serveSite } from '@digits/web/server';
import type { AxeResults } from 'axe-core';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { chromiumForTests, launchChromium } from '../harness/chromium.ts';

/** A page for tests, and what it told its console. */
export interface TestPage {
  readonly page: Page;
  /** Errors and warnings, refusals by the content policy among them. */
  readonly complaints: readonly string[];
  /** Addresses of everything that was asked for, the service worker's keeping of files aside. */
  readonly requests: readonly string[];
  /** Addresses of what the service worker asked for. */
  readonly kept: readonly string[];
}

/** The built page, served, and a browser to look at it with. */
export interface TestSite {
  readonly url: string;
  /** Opens a page in a visit of its own: nothing is kept from one to the next. */
  readonly open: (path?: string, options?: BrowserContextOptions) => Promise<TestPage>;
  /** Ends the server alone, as if the network were gone. */
  readonly goOffline: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface TestSiteOptions {
  /** Whether pages are cross-origin isolated by headers; default true. */
  readonly isolated?: boolean;
  /** Another name for this machine, which browsers do not trust with service workers; default none. */
  readonly hostName?: string;
}

/** The page as `nx build @digits/web` leaves it, or another build of it. */
const SITE_FOLDER = process.env.DIGITS_SITE ?? join(__dirname, '..', '..', '..', '..', 'apps', 'web', 'out');

/** Paths of the built site's pages, from the root: `/`, `/train/` ... What is tested of every page is so of new ones too. */
export function sitePages(): readonly string[] {
  return readdirSync(SITE_FOLDER, { recursive: true, encoding: 'utf8' })
    .map((file) => `/${file.split(sep).join('/')}`)
    .filter((file) => file.endsWith('/index.html') && !/^\/(404|_not-found)\//.test(file))
    .map((file) => file.slice(0, -'index.html'.length))
    .sort();
}

/** `describe`, or what skips where there is no browser. */
export function describeInBrowser(what: string, body: () => void): void {
  (chromiumForTests(what) === null ? describe.skip : describe)(what, body);
}

/** Serves the built page and starts a browser; the caller closes both. */
export async function startSite({ isolated = true, hostName }: TestSiteOptions = {}): Promise<TestSite> {
  const chromium = chromiumForTests('the page');
  if (chromium === null) throw new Error('startSite: there must be a browser, got none');
  const served = await serveSite({ folder: SITE_FOLDER, host: '127.0.0.1', port: 0, isolated });
  const flags = hostName === undefined ? [] : [`--host-resolver-rules=MAP ${hostName} 127.0.0.1`];
  const browser = await launchChromium(chromium, 'none', flags);
  const url = hostName === undefined ? served.url : served.url.replace('localhost', hostName);
  return {
    url,
    open: (path = '/', options = {}) => openPage(browser, `${url}${path}`, options),
    goOffline: served.close,
    close: async () => {
      await browser.close();
      await served.close();
    },
  };
}

async function openPage(browser: Browser, address: string, options: BrowserContextOptions): Promise<TestPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  const kept: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  context.on('request', (request) => (request.serviceWorker() === null ? requests : kept).push(request.url()));
  await page.goto(address);
  return { page, complaints, requests, kept };
}

/** The answer on the Draw page. */
export function answerOf(page: Page): Locator {
  return page.getByTestId('prediction');
}

/** Opens the Draw page and waits until it can answer. */
export async function openDraw(site: TestSite, options: BrowserContextOptions = {}): Promise<TestPage> {
  const opened = await site.open('/', options);
  await waitUntilReady(opened.page);
  return opened;
}

/** Waits until the Draw page can answer. */
export async function waitUntilReady(page: Page): Promise<void> {
  await page.waitForSelector('[data-testid="prediction"][data-ready="true"]');
}

/** Returns what the Draw page has read, or null if nothing is drawn or opened. */
export async function readingOf(page: Page): Promise<ReadingJson | null> {
  const json = await answerOf(page).getAttribute('data-reading');
  return json === null ? null : (JSON.parse(json) as ReadingJson);
}

/** Waits until the Draw page has read this text, null for nothing; fails with the text that it has read instead. */
export async function expectText(page: Page, text: string | null, timeout = 10_000): Promise<void> {
  await page
    .waitForFunction(
      (expected) => {
        const json = document.querySelector('[data-testid="prediction"]')?.getAttribute('data-reading') ?? null;
        return (json === null ? null : (JSON.parse(json) as { text: string }).text) === expected;
      },
      text,
      { timeout },
    )
    .catch(() => undefined);
  expect((await readingOf(page))?.text ?? null).toBe(text);
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What breaks WCAG 2.2 AA on the page as it is now, or what axe counts as good practice. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${String(failureSummary)}`),
  );
}
