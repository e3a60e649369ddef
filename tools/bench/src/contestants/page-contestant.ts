import {
  type EngineAnswer,
  findChromium,
  launchChromium,
  openTfjsPage,
  type PageBackend,
  remoteEngine,
} from '@digits/browser-tests';
import { engineContestant } from './engine-contestant.ts';
import type { Contestant } from './serve.ts';

/**
 * TensorFlow.js in a page of Chromium as a contestant: a call of many steps crosses over to the page, no single step does.
 *
 * @param version of TensorFlow.js
 * @throws Error where there is no Chromium, or it does not have the backend
 */
export async function pageContestant(backend: PageBackend, version: string): Promise<Contestant> {
  const chromium = findChromium();
  if (chromium === null) throw new Error('pageContestant: Chromium must be there, got none; set CHROMIUM_PATH');
  const browser = await launchChromium(chromium, 'software');
  const opened = await openTfjsPage(browser, backend);
  const engine = remoteEngine('tfjs', (request) => opened.call<EngineAnswer>('ask', request));
  return engineContestant(`TensorFlow.js ${version} ${backend}, Chromium ${browser.version()}`, () =>
    Promise.resolve(engine),
  );
}
