import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumForTests, launchChromium } from './chromium.ts';
import type { PageFacts } from './page-facts.ts';
import { openPage, runInPage, serve } from './page-run.ts';

const chromium = chromiumForTests('runInPage');
const facts = join(__dirname, 'page-facts.ts');
const argument = new Float32Array([1, 2.5]);

(chromium === null ? describe.skip : describe)('runInPage', () => {
  let browser: Browser;

  beforeAll(async () => {
    if (chromium !== null) browser = await launchChromium(chromium, 'software');
  });

  afterAll(() => browser.close());

  it('passes typed arrays in and out', async () => {
    const { doubled } = await runInPage<PageFacts>(browser, { entry: facts, isolated: false, argument });
    expect(doubled).toEqual(new Float32Array([2, 5]));
  });

  it.each([true, false])('gives a page whose isolation is %s', async (isolated) => {
    expect((await runInPage<PageFacts>(browser, { entry: facts, isolated, argument })).isolated).toBe(isolated);
  });

  it('gives a page with WebGL and WebGPU in software', async () => {
    const { webgl, webgpu } = await runInPage<PageFacts>(browser, { entry: facts, isolated: true, argument });
    expect({ webgl, webgpu }).toEqual({ webgl: true, webgpu: true });
  });

  it("passes the page's error on, with its console", async () => {
    const { call, close } = await openPage(browser, { entry: facts, isolated: false });
    const failure = await call('fail').catch((error: unknown) => error as Error);
    await close();
    expect(failure).toMatchObject({
      message: `openPage: fail of ${facts} must not fail in the page; its console: about to fail`,
      cause: { message: expect.stringContaining('meant to fail') as string },
    });
  });
});

describe('serve', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'digits-'));
    mkdirSync(join(folder, 'site'));
    writeFileSync(join(folder, 'site', 'index.html'), '<p>site</p>');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('serves the index of a folder, and given files before it', async () => {
    const { url, close } = await serve({ folder: join(folder, 'site'), files: { '/a.js': 'a' }, isolated: false });
    expect(await (await fetch(`${url}/`)).text()).toBe('<p>site</p>');
    const script = await fetch(`${url}/a.js`);
    expect([script.headers.get('content-type'), await script.text()]).toEqual(['text/javascript', 'a']);
    await close();
  });

  it('sends the two isolation headers only where asked', async () => {
    for (const isolated of [true, false]) {
      const { url, close } = await serve({ files: { '/index.html': '' }, isolated });
      const { headers } = await fetch(`${url}/`);
      expect(headers.get('cross-origin-opener-policy')).toBe(isolated ? 'same-origin' : null);
      expect(headers.get('cross-origin-embedder-policy')).toBe(isolated ? 'require-corp' : null);
      await close();
    }
  });

  it('answers 404 for what is not there', async () => {
    const { url, close } = await serve({ folder: join(folder, 'site'), isolated: false });
    expect((await fetch(`${url}/missing.js`)).status).toBe(404);
    await close();
  });

  it('serves nothing outside its folder', async () => {
    const { url, close } = await serve({ folder: join(folder, 'site'), isolated: false });
    const status = await new Promise((resolve, reject) => {
      const path = '/%2e%2e%2fsecret.txt';
      request(url, { path }, (response) => {
        resolve(response.resume().statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
    await close();
  });
});
