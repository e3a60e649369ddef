import { chromiumForTests, launchChromium } from '../harness/chromium.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { describeInBrowser } from './site.ts';

const SERVICE = join(__dirname, '..', '..', '..', '..', 'apps', 'api', 'dist', 'main.js');

/** A name of this machine that browsers trust no more than any in a network. */
const HOST_NAME = 'digits.test';

describeInBrowser("the service's documentation", () => {
  let service: ChildProcess;
  let browser: Browser;
  let port: string;

  beforeAll(async () => {
    service = spawn(process.execPath, [SERVICE, '--host', '127.0.0.1', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    port = await portOf(service);
    const chromium = chromiumForTests('the documentation');
    if (chromium === null) throw new Error('there must be a browser, got none');
    browser = await launchChromium(chromium, 'none', [`--host-resolver-rules=MAP ${HOST_NAME} 127.0.0.1`]);
  });

  afterAll(async () => {
    await browser.close();
    service.kill();
  });

  it('shows and tries operations over plain http, and asks nobody else for anything', async () => {
    const page = await browser.newPage();
    const origin = `http://${HOST_NAME}:${port}`;
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

/** Waits until the service listens. */
function portOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const found = /listening at http:\/\/127\.0\.0\.1:(\d+)/.exec(log);
      if (found !== null) resolve(found[1]);
    });
    child.on('exit', (code) => {
      reject(new Error(`the service must start, but it ended with ${String(code)}; is apps/api built?`));
    });
  });
}
