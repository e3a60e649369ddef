import type { Page } from 'playwright-core';
import { drawWithMouse, ONE_SEVEN_ONE, SEVEN } from '../harness/drawing.ts';
import { pictureOfSeveral } from './picture-files.ts';
import { describeInBrowser, expectText, openDraw, sitePages, startSite, type TestSite, violations } from './site.ts';

/** What is too wide for the screen. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describeInBrowser('everybody can use the page', () => {
  let site: TestSite;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
    it.each([...sitePages(), '/404.html'])('axe finds nothing on %s', async (path) => {
      const { page } = await site.open(path, { colorScheme });
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    });

    it('axe finds nothing on the Draw page in any state', async () => {
      const { page } = await openDraw(site, { colorScheme });
      expect(await violations(page)).toEqual([]);
      await drawWithMouse(page, SEVEN);
      await page.waitForSelector('[data-testid="insight"][data-settled="true"]');
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Clear' }).click();
      await drawWithMouse(page, ONE_SEVEN_ONE);
      await expectText(page, '171');
      await page.getByText('Drawing with the keyboard').click();
      expect(await violations(page)).toEqual([]);
      await page.getByTestId('upload').setInputFiles(await pictureOfSeveral());
      await page.getByTestId('digit-box').first().waitFor();
      expect(await violations(page)).toEqual([]);
      await page
        .getByTestId('upload')
        .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
      await page.getByTestId('picture-error').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    });
  });

  it.each(sitePages())('%s fits on the smallest screens', async (path) => {
    const { page } = await site.open(path, { viewport: { width: 320, height: 640 } });
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    expect(await overflow(page)).toBe(0);
    await page.context().close();
  });

  it.each(sitePages())('the keyboard skips the header of %s', async (path) => {
    const { page } = await site.open(path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.keyboard.press('Tab');
    const link = page.getByRole('link', { name: 'Skip to content' });
    expect(await link.evaluate((element) => element.matches(':focus-visible'))).toBe(true);
    // It lies above the screen until it is reached.
    expect((await link.boundingBox())?.y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#main');
    await page.context().close();
  });

  it('nothing moves while the Draw page loads, draws and explains', async () => {
    const { page } = await site.open('/', { viewport: { width: 390, height: 844 } });
    await page.evaluate(() => {
      const scores = ((globalThis as { shifts?: number[] }).shifts = [] as number[]);
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
          if (!hadRecentInput) scores.push(value);
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.waitForSelector('[data-testid="prediction"][data-ready="true"]');
    await drawWithMouse(page, SEVEN);
    await page.waitForSelector('[data-testid="insight"][data-settled="true"]');
    const total = await page.evaluate(() => (globalThis as { shifts?: number[] }).shifts?.reduce((a, b) => a + b, 0));
    expect(total).toBeLessThan(0.01);
    await page.context().close();
  });

  it('the keyboard reaches everything on the Draw page, and shows where it is', async () => {
    const { page } = await openDraw(site);
    const seen: string[] = [];
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => {
        const element = document.activeElement;
        if (!(element instanceof HTMLElement) || element === document.body) return 'end';
        const marked = element.matches(':focus-visible') || element.closest('label') !== null;
        return `${element.getAttribute('data-testid') ?? element.textContent.trim()}${marked ? '' : ' (not shown)'}`;
      });
      if (name === 'end') break;
      seen.push(name);
    }
    for (const name of [
      'Skip to content',
      'Train',
      'drawing-canvas',
      'Pen',
      'Eraser',
      '7',
      'upload',
      'Drawing with the keyboard',
    ]) {
      expect(seen).toContain(name);
    }
    await page.context().close();
  });
});
