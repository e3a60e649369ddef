import { join } from 'node:path';
import { chromiumForTests, launchChromium, runInPage } from '@digits/browser-tests';
import type { Browser } from 'playwright-core';
import { run } from './pages/made-digits.ts';

const chromium = chromiumForTests('generateHandwriting');

(chromium === null ? describe.skip : describe)('generateHandwriting', () => {
  let browser: Browser;

  beforeAll(async () => {
    if (chromium !== null) browser = await launchChromium(chromium, 'none');
  });

  afterAll(() => browser.close());

  it('makes the same bytes in Chromium as in Node', async () => {
    const entry = join(__dirname, 'pages', 'made-digits.ts');
    const inPage = await runInPage<Uint8Array>(browser, { entry, isolated: false, argument: 5 });
    expect(Buffer.from(inPage).equals(run(5))).toBe(true);
  });
});
