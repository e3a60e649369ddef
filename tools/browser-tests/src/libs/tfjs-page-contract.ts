/// <reference types="jest" />
import { engineContract } from '@digits/engine-contract';
import type { Browser } from 'playwright-core';
import { chromiumForTests, launchChromium } from '../harness/chromium.ts';
import type { OpenPage } from '../harness/page-run.ts';
import { type EngineAnswer, openTfjsPage, type PageBackend, remoteEngine } from './remote-engine.ts';

/** Puts the engine contract to TensorFlow.js in a page, on each of some backends. */
export function tfjsPageContract(backends: readonly PageBackend[]): void {
  const title = `engine-tfjs in the page on ${backends.join(', ')}`;
  const chromium = chromiumForTests(title);

  (chromium === null ? describe.skip : describe)(title, () => {
    let browser: Browser;

    beforeAll(async () => {
      if (chromium !== null) browser = await launchChromium(chromium, 'software');
    });

    afterAll(() => browser.close());

    describe.each(backends)('%s', (backend) => {
      let opened: OpenPage;

      engineContract(
        async () => {
          opened = await openTfjsPage(browser, backend);
          return remoteEngine('tfjs', (request) => opened.call<EngineAnswer>('ask', request));
        },
        { timeoutMs: 120_000 },
      );

      afterAll(() => opened.close());
    });
  });
}
