import { type BenchSite, READY } from './site.ts';

/** Chromium's own "Fast 4G". */
const FAST_4G = {
  offline: false,
  latency: 60 * 2.75,
  downloadThroughput: ((9 * 1000 * 1000) / 8) * 0.9,
  uploadThroughput: ((1.5 * 1000 * 1000) / 8) * 0.9,
};

const CPU_SLOWDOWN = 4;

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
