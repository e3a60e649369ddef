import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumForTests, launchChromium } from './chromium.ts';
import { runInPage } from './page-run.ts';
import type { PageFacts } from './pages/facts.ts';

const chromium = chromiumForTests('runInPage');
const facts = join(__dirname, 'pages', 'facts.ts');
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
    const entry = join(__dirname, 'pages', 'failure.ts');
    const failure = await runInPage(browser, { entry, isolated: false }).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({
      message: `openPage: run of ${entry} must not fail in the page; its console: about to fail`,
      cause: { message: expect.stringContaining('meant to fail') as string },
    });
  });
});
