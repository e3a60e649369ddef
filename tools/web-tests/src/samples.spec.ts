import { centred, drawWithQuickMouse, readDrawings } from '@digits/browser';
import { answerOf, describeInBrowser, openDraw, startSite, type TestSite } from './testing/site.ts';

const NUM_DRAWINGS = 40;
/** Of 40, one may be misread: 97.5%. Of all 550, the bench asks for 98%. */
const MAX_MISREAD = 1;

const drawings = readDrawings();

describeInBrowser('drawings of real people', () => {
  let site: TestSite;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  const sizes = [
    [320, 640],
    [768, 1024],
    [1440, 900],
  ] as const;
  (drawings === null ? it.skip.each(sizes) : it.each(sizes))('are read on a screen of %ix%i', async (width, height) => {
    const { page } = await openDraw(site, { viewport: { width, height } });
    const all = drawings ?? [];
    const chosen = Array.from({ length: NUM_DRAWINGS }, (_, i) => all[Math.floor((i * all.length) / NUM_DRAWINGS)]);
    const misread: string[] = [];
    for (const { label, strokes } of chosen) {
      await drawWithQuickMouse(page, centred(strokes));
      await page
        .waitForFunction(
          (digit) => document.querySelector('[data-testid="prediction"]')?.getAttribute('data-digit') === digit,
          String(label),
          { timeout: 1000 },
        )
        .catch(async () => misread.push(`${label} as ${String(await answerOf(page).getAttribute('data-text'))}`));
      await page.getByRole('button', { name: 'Clear' }).click();
    }
    expect(misread.length > MAX_MISREAD ? misread : []).toEqual([]);
    await page.context().close();
  });
});
