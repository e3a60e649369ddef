import type { BrowserContextOptions, Page } from 'playwright-core';
import { drawWithMouse, drawWithQuickMouse, ONE_SEVEN_ONE, SEVEN } from '../harness/drawing.ts';
import { SCRIBBLE } from './picture-files.ts';
import { answerOf, describeInBrowser, expectText, openDraw, startSite, type TestSite } from './site.ts';

const PHONE = { hasTouch: true, isMobile: true } as const;

const SCREENS: readonly (readonly [name: string, width: number, height: number, options: BrowserContextOptions])[] = [
  ['a small phone', 320, 568, PHONE],
  ['a phone', 360, 640, PHONE],
  ['a larger phone', 390, 664, PHONE],
  ['a phone on its side', 844, 390, PHONE],
  ['a tablet', 820, 1180, { hasTouch: true }],
  ['a laptop', 1280, 800, {}],
];

/** Bottom edges of paper and answer, and where the page is scrolled to. */
async function bottoms(page: Page): Promise<{ paper: number; answer: number; scrolled: number }> {
  const [paper, answer] = [await page.getByTestId('drawing-canvas').boundingBox(), await answerOf(page).boundingBox()];
  if (paper === null || answer === null) throw new Error('bottoms: paper and answer must be shown, got none');
  const scrolled = await page.evaluate(() => scrollY);
  return { paper: paper.y + paper.height, answer: answer.y + answer.height, scrolled };
}

describeInBrowser('paper and answer', () => {
  let site: TestSite;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  it.each(SCREENS)('are on the screen together on %s (%i x %i)', async (_, width, height, options) => {
    const { page } = await openDraw(site, { viewport: { width, height }, ...options });
    const drawings = [
      [SEVEN, '7'],
      [ONE_SEVEN_ONE, '171'],
      [[SCRIBBLE], '?'],
    ] as const;
    for (const [strokes, text] of drawings) {
      if (text === '?') await drawWithMouse(page, strokes, 2);
      else await drawWithQuickMouse(page, strokes);
      await expectText(page, text);
      const { paper, answer, scrolled } = await bottoms(page);
      expect({ text, scrolled, paper: paper <= height, answer: answer <= height }).toEqual({
        text,
        scrolled: 0,
        paper: true,
        answer: true,
      });
      await page.getByRole('button', { name: 'Clear' }).click();
    }
    const side = (await page.getByTestId('drawing-canvas').boundingBox())?.width ?? 0;
    expect(side).toBeGreaterThan(0.6 * Math.min(width, height));
    await page.context().close();
  });

  // A window of 1280 by 800, a tablet and a phone, enlarged to twice their size.
  it.each([
    [640, 400],
    [410, 590],
    [422, 195],
  ])('are one short scroll away at 200%% zoom (%i x %i)', async (width, height) => {
    const { page } = await openDraw(site, { viewport: { width, height }, deviceScaleFactor: 2 });
    await drawWithQuickMouse(page, SEVEN);
    await expectText(page, '7');
    const { answer, scrolled } = await bottoms(page);
    expect(answer + scrolled).toBeLessThan(2 * height);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await page.context().close();
  });

  it('have the tools in one row on the smallest screens', async () => {
    const { page } = await openDraw(site, { viewport: { width: 320, height: 568 } });
    const tops = await page
      .getByRole('group', { name: 'Drawing tools' })
      .getByRole('button')
      .evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
    expect(tops).toHaveLength(5);
    expect(new Set(tops).size).toBe(1);
    await page.context().close();
  });
});
