import type { Page } from 'playwright-core';
import {
  centred,
  drawWithFinger,
  drawWithMouse,
  drawWithPen,
  drawWithQuickMouse,
  FOUR,
  inkOnSurface,
  ONE,
  ONE_SEVEN_ONE,
  placesOnSurface,
  readDrawings,
  SEVEN,
} from '../harness/drawing.ts';
import { SCRIBBLE } from './picture-files.ts';
import { answerOf, describeInBrowser, expectText, openDraw, readingOf, startSite, type TestSite } from './site.ts';

describeInBrowser('the Draw page', () => {
  let site: TestSite;
  let page: Page;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());
  beforeEach(async () => {
    ({ page } = await openDraw(site));
  });
  afterEach(() => page.context().close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('gives no answer to an empty surface', async () => {
    await expectText(page, null);
    expect(await answerOf(page).textContent()).toContain('Nothing drawn yet');
  });

  it('answers with the digit, its confidence, the runner-up, ten bars, and aloud', async () => {
    await drawWithMouse(page, SEVEN);
    await expectText(page, '7');
    const text = await answerOf(page).textContent();
    expect(text).toMatch(/\d%sure|\d% sure/);
    expect(text).toMatch(/Next guess: \d/);
    const bars = await answerOf(page)
      .locator('li')
      .evaluateAll((items) => items.map((item) => Number(item.getAttribute('data-probability'))));
    expect(bars).toHaveLength(10);
    expect(bars.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    await page.waitForFunction(() => document.querySelector('[role="status"]')?.textContent.startsWith('7') === true);
  });

  it('answers while the pen is still down', async () => {
    const [[first, ...rest]] = await placesOnSurface(page, SEVEN);
    await page.mouse.move(...first);
    await page.mouse.down();
    for (const place of rest) await page.mouse.move(...place, { steps: 5 });
    await expectText(page, '7');
    await page.mouse.up();
  });

  it('undoes, redoes and clears, by buttons and by keys', async () => {
    await drawWithMouse(page, FOUR);
    await expectText(page, '4');
    await button('Undo').click();
    await button('Undo').click();
    await expectText(page, null);
    await page.keyboard.press('Control+Shift+Z');
    await page.keyboard.press('Control+Y');
    await expectText(page, '4');
    await button('Clear').click();
    expect(await inkOnSurface(page)).toBe(0);
    await expectText(page, null);
    await page.keyboard.press('Control+Z');
    await expectText(page, '4');
    await button('Redo').click();
    await expectText(page, null);
  });

  it('rubs out what the eraser crosses', async () => {
    await drawWithMouse(page, ONE);
    const before = await inkOnSurface(page);
    await button('Eraser').click();
    await drawWithMouse(page, [
      [
        [50, 10],
        [50, 90],
      ],
    ]);
    expect(before).toBeGreaterThan(0.01);
    expect(await inkOnSurface(page)).toBe(0);
    await expectText(page, null);
  });

  it('shows a tap as a dot of the width of the pen', async () => {
    const [[place]] = await placesOnSurface(page, [[[50, 50]]]);
    await page.mouse.click(...place);
    // A circle of diameter 46 on a paper of 1000 by 1000.
    expect(await inkOnSurface(page)).toBeCloseTo((Math.PI * 23 ** 2) / 1e6, 4);
  });

  it('ignores stray taps beside a stroke', async () => {
    const [[place]] = await placesOnSurface(page, [[[95, 75]]]);
    await page.mouse.click(...place);
    await expectText(page, '?');
    await drawWithMouse(page, SEVEN);
    await expectText(page, '7');
  });

  it('reads digits side by side as a number, and each of them', async () => {
    await drawWithMouse(page, ONE_SEVEN_ONE);
    await expectText(page, '171');
    await page
      .getByRole('group', { name: /Digits read/ })
      .getByRole('button', { name: '7' })
      .click();
    expect(await answerOf(page).locator('li[data-chosen="true"]').getAttribute('data-label')).toBe('7');
  });

  it('says that a scribble is no digit, and what to try', async () => {
    await drawWithMouse(page, [SCRIBBLE], 2);
    await expectText(page, '?');
    expect(await readingOf(page)).toMatchObject({ reason: 'notADigit', rejected: true });
    expect(await answerOf(page).textContent()).toMatch(/Not a digit.*Try/);
  });

  it('keeps strokes and answer when the window changes its size', async () => {
    await drawWithMouse(page, SEVEN);
    await expectText(page, '7');
    const before = await inkOnSurface(page);
    await page.setViewportSize({ width: 400, height: 700 });
    await page.waitForFunction(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="drawing-canvas"]');
      return canvas !== null && canvas.width === Math.round(canvas.clientWidth * devicePixelRatio);
    });
    expect(Math.abs((await inkOnSurface(page)) / before - 1)).toBeLessThan(0.05);
    await expectText(page, '7');
  });

  it('says how to draw without a pointer, and draws so', async () => {
    await page.getByTestId('drawing-canvas').focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Space');
    for (let i = 0; i < 6; i++) await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Space');
    await expectText(page, '1');
    await page.keyboard.press('Delete');
    await expectText(page, null);
    const described = await page.getByTestId('drawing-canvas').getAttribute('aria-describedby');
    expect(await page.locator(`#${String(described)}`).textContent()).toMatch(/arrow keys.*Space.*Delete/);
  });

  it('reads every digit that it writes itself', async () => {
    for (let digit = 0; digit < 10; digit++) {
      await page.getByRole('button', { name: `Write a sample ${digit}` }).press('Enter');
      await expectText(page, String(digit));
    }
  });
});

describeInBrowser('the Draw page on a phone', () => {
  const PHONE = { viewport: { width: 390, height: 664 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true };
  let site: TestSite;
  let page: Page;

  beforeAll(async () => {
    site = await startSite();
    ({ page } = await openDraw(site, PHONE));
  });
  afterAll(() => site.close());
  beforeEach(() =>
    page
      .getByRole('button', { name: 'Clear' })
      .click({ force: true, timeout: 1000 })
      .catch(() => undefined),
  );

  it('draws with a finger and does not scroll meanwhile', async () => {
    await drawWithFinger(page, SEVEN);
    await expectText(page, '7');
    expect(await page.evaluate(() => scrollY)).toBe(0);
  });

  it('draws as sharply as the screen can show', async () => {
    const canvas = page.getByTestId('drawing-canvas');
    const [pixels, width] = await canvas.evaluate((element) => [
      (element as HTMLCanvasElement).width,
      element.clientWidth,
    ]);
    expect(pixels).toBe(3 * width);
  });

  it('shows what a finger taps', async () => {
    await drawWithFinger(page, [[[50, 50]]]);
    expect(await inkOnSurface(page)).toBeCloseTo((Math.PI * 23 ** 2) / 1e6, 4);
  });

  it('draws wider where a pen presses harder', async () => {
    await drawWithPen(page, ONE, 0.2);
    const light = await inkOnSurface(page);
    await page.getByRole('button', { name: 'Clear' }).click();
    await drawWithPen(page, ONE, 0.9);
    expect(await inkOnSurface(page)).toBeGreaterThan(1.3 * light);
    await expectText(page, '1');
  });
});

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
      await expectText(page, String(label), 1000).catch(async () =>
        misread.push(`${label} as ${String((await readingOf(page))?.text)}`),
      );
      await page.getByRole('button', { name: 'Clear' }).click();
    }
    expect(misread.length > MAX_MISREAD ? misread : []).toEqual([]);
    await page.context().close();
  });
});
