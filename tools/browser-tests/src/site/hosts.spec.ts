import { drawWithMouse, SEVEN } from '../harness/drawing.ts';
import {
  answerOf,
  describeInBrowser,
  expectText,
  openDraw,
  sitePages,
  startSite,
  type TestPage,
  type TestSite,
  waitUntilReady,
} from './site.ts';

/** Draws a seven and looks for what went wrong meanwhile. */
async function expectSeven({ page, complaints }: TestPage): Promise<void> {
  await drawWithMouse(page, SEVEN);
  await expectText(page, '7');
  expect(complaints).toEqual([]);
}

describeInBrowser('the page on hosts of all kinds', () => {
  let site: TestSite;

  afterEach(() => site.close());

  it('answers where it is isolated, and asks nobody else for anything', async () => {
    site = await startSite();
    const opened = await openDraw(site);
    expect(await opened.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await expectSeven(opened);
    await opened.page.waitForSelector('[data-testid="insight"][data-settled="true"]');
    const foreign = [...opened.requests, ...opened.kept].filter(
      (address) => !address.startsWith(site.url) && !address.startsWith('blob:'),
    );
    expect(foreign).toEqual([]);
    expect(opened.requests.filter((address) => /tensorflow|tfjs|training/.test(address))).toEqual([]);
  });

  it('answers where it is not isolated', async () => {
    site = await startSite({ isolated: false });
    const opened = await openDraw(site);
    expect(await opened.page.evaluate(() => crossOriginIsolated)).toBe(false);
    await expectSeven(opened);
  });

  it('answers over plain http from another host name, without anything that needs https', async () => {
    site = await startSite({ isolated: false, hostName: 'digits.test' });
    const opened = await openDraw(site);
    expect(await opened.page.evaluate(() => [isSecureContext, 'serviceWorker' in navigator])).toEqual([false, false]);
    await expectSeven(opened);
  });

  it('says that the network did not load if its worker does not start', async () => {
    site = await startSite();
    const { page } = await site.open('/train/', { serviceWorkers: 'block' });
    await page.route('**/recognise-worker*', (route) => route.fulfill({ status: 404, body: '' }));
    await page.goto(`${site.url}/`);
    await answerOf(page).getByText('The network did not load', { exact: true }).waitFor();
    expect(await answerOf(page).textContent()).toContain('the worker did not start');
  });

  it('refuses scripts that are not its own', async () => {
    site = await startSite();
    const { page, complaints } = await openDraw(site);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.stranger = true;';
      document.head.append(script);
    });
    expect(await page.evaluate(() => 'stranger' in globalThis)).toBe(false);
    expect(complaints.join('\n')).toMatch(/inline script violates the following Content Security Policy/);
  });
});

describeInBrowser('the page offline', () => {
  it('has every page after a first visit, isolated on any host, and never reloads by itself', async () => {
    const site = await startSite({ isolated: false });
    const { page } = await openDraw(site);
    await page.evaluate(() => {
      (globalThis as { mark?: boolean }).mark = true;
    });
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    expect(await page.evaluate(() => [crossOriginIsolated, 'mark' in globalThis])).toEqual([false, true]);
    await site.goOffline();
    await page.reload();
    await waitUntilReady(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await drawWithMouse(page, SEVEN);
    await expectText(page, '7');
    const links = page.getByRole('navigation').getByRole('link');
    const names = await links.allTextContents();
    expect(names).toEqual(expect.arrayContaining(['Draw', 'Train', 'Model']));
    for (const name of [...names.slice(1), names[0]]) {
      await links.filter({ hasText: name }).click();
      await page.waitForFunction((text) => document.querySelector('[aria-current="page"]')?.textContent === text, name);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
    }
    for (const path of sitePages()) {
      for (const address of new Set([path, path.replace(/(?<=.)\/$/, '')])) {
        const response = await page.goto(`${site.url}${address}`);
        expect([address, response?.status()]).toEqual([address, 200]);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
      }
    }
    await site.close();
  });

  it('can be installed', async () => {
    const site = await startSite();
    const { page } = await openDraw(site);
    const manifest = await page.evaluate(async () => {
      const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
      const found = (await (await fetch(link?.href ?? '')).json()) as { icons: { src: string }[]; display: string };
      const icons = await Promise.all(found.icons.map(async ({ src }) => (await fetch(src)).status));
      return { display: found.display, icons };
    });
    expect(manifest).toEqual({ display: 'standalone', icons: [200, 200, 200] });
    expect(await answerOf(page).count()).toBe(1);
    await site.close();
  });
});
