import { centred, drawWithQuickMouse, type LabelledDrawing } from '@digits/browser-tests';
import type { Page } from 'playwright-core';
import { type BenchSite, READY } from './site.ts';

/** What became of real drawings. */
export interface Replay {
  readonly count: number;
  readonly numRight: number;
  /** The digit asked for and what was read instead. */
  readonly misread: readonly { readonly index: number; readonly label: number; readonly answer: string }[];
  /** From lifting the pen for the last time until the answer stood there; 0 where it did before. */
  readonly penUpToAnswerMs: readonly number[];
}

/** An answer that has not changed for so long after the pen was lifted is the last one. */
const QUIET_MS = 120;

/** Draws every drawing with the mouse, each on an empty surface. */
export async function replayDrawings(
  { browser, url }: BenchSite,
  drawings: readonly LabelledDrawing[],
  progress: (line: string) => void,
): Promise<Replay> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.goto(`${url}/`);
  await page.waitForSelector(READY);
  await page.evaluate(watchAnswers);
  const misread: { index: number; label: number; answer: string }[] = [];
  const times: number[] = [];
  for (const [index, { label, strokes }] of drawings.entries()) {
    await page.keyboard.press('Delete');
    await page.waitForSelector('[data-testid="prediction"]:not([data-reading])');
    await drawWithQuickMouse(page, centred(strokes));
    const { ms, text } = await lastAnswer(page);
    times.push(ms);
    if (text !== String(label)) misread.push({ index, label, answer: text });
    if ((index + 1) % 100 === 0) progress(`${index + 1} drawings, ${misread.length} misread`);
  }
  await context.close();
  return { count: drawings.length, numRight: drawings.length - misread.length, misread, penUpToAnswerMs: times };
}

interface Watch {
  penUpAt: number;
  answeredAt: number;
}

/** Runs in the page, so that it must stand alone. */
function watchAnswers(): void {
  const watch: Watch = { penUpAt: 0, answeredAt: 0 };
  (globalThis as unknown as { watch: Watch }).watch = watch;
  window.addEventListener('pointerup', ({ timeStamp }) => (watch.penUpAt = timeStamp), { capture: true });
  const answer = document.querySelector('[data-testid="prediction"]');
  if (answer === null) throw new Error('watchAnswers: the answer must be in the page, got none');
  // The bars move after the answer; its attributes are the answer.
  new MutationObserver(() => (watch.answeredAt = performance.now())).observe(answer, { attributes: true });
}

async function lastAnswer(page: Page): Promise<{ ms: number; text: string }> {
  return page.evaluate(async (quietMs) => {
    const { watch } = globalThis as unknown as { watch: Watch };
    const settledAt = () => Math.max(watch.penUpAt, watch.answeredAt) + quietMs;
    while (performance.now() < settledAt()) await new Promise((resolve) => setTimeout(resolve, 10));
    const reading = document.querySelector('[data-testid="prediction"]')?.getAttribute('data-reading');
    const { text } = JSON.parse(reading ?? '{ "text": "" }') as { text: string };
    return { ms: Math.max(0, watch.answeredAt - watch.penUpAt), text };
  }, QUIET_MS);
}
