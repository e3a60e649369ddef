import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumForTests, launchChromium } from '../harness/chromium.ts';
import { runInPage } from '../harness/page-run.ts';
import { trainFor } from './pages/engine-simd.ts';

jest.setTimeout(180_000);

const chromium = chromiumForTests('engine-simd in the page');

(chromium === null ? describe.skip : describe)('engine-simd in the page', () => {
  const NUM_IMAGES = 250;
  let browser: Browser;
  let images: Uint8Array;
  let labels: Uint8Array;
  let inNode: string;

  beforeAll(async () => {
    if (chromium !== null) browser = await launchChromium(chromium, 'none');
    const mnist = await loadSplit('mnist', 'train');
    images = mnist.images.slice(0, NUM_IMAGES * 784);
    labels = mnist.labels.slice(0, NUM_IMAGES);
    inNode = await trainFor(createSimdEngine({ threads: 2 }), { images, labels });
  });

  afterAll(() => browser.close());

  it.each([
    ['a cross-origin isolated page', 2, true],
    ['a cross-origin isolated page', 3, true],
    ['a page that is not isolated', 2, false],
  ])("trains to Node's weights, bit for bit, in %s with %i threads asked for", async (_, threads, isolated) => {
    const entry = join(__dirname, 'pages', 'engine-simd.ts');
    const inPage = await runInPage<string>(browser, { entry, isolated, argument: { images, labels, threads } });
    expect(inPage).toBe(inNode);
  });
});
