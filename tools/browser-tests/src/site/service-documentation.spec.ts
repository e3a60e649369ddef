import { chromiumForTests, launchChromium } from '../harness/chromium.ts';
import type { Browser } from 'playwright-core';
import { type RunningService, startService } from './programs.ts';
import { describeInBrowser } from './site.ts';

/** A name of this machine that browsers trust no more than any in a network. */
const HOST_NAME = 'digits.test';

describeInBrowser("the service's documentation", () => {
  let service: RunningService;
  let browser: Browser;

  beforeAll(async () => {
    service = await startService();
    const chromium = chromiumForTests('the documentation');
    if (chromium === null) throw new Error('there must be a browser, got none');
    browser = await launchChromium(chromium, 'none', [`--host-resolver-rules=MAP ${HOST_NAME} 127.0.0.1`]);
  });

  afterAll(async () => {
    await browser.close();
    service.stop();
  });

  it('shows and tries operations over plain http, and asks nobody else for anything', async () => {
    const page = await browser.newPage();
    const origin = `http://${HOST_NAME}:${service.port}`;
    const foreign: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    page.on('console', (message) => {
      // A header that counts for nothing where there is no https is no fault of the page.
      const isHeader = message.text().startsWith('The Cross-Origin-Opener-Policy header has been ignored');
      if (message.type() === 'error' && !isHeader) complaints.push(message.text());
    });
    await page.goto(`${origin}/docs`);
    const operation = page.locator('.opblock', { hasText: '/v2/health/live' });
    await operation.click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
    expect(await page.locator('.opblock', { hasText: '/v1/digits' }).count()).toBe(1);
    expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
  });
});
