import type { Locator } from 'playwright-core';
import { drawWithMouse, SEVEN } from '../harness/drawing.ts';
import { answerOf, describeInBrowser, expectText, openDraw, startSite, type TestSite } from './site.ts';

/** Colours of an element and of the page behind it, as they are painted. */
const coloursOf = (element: Locator) =>
  element.evaluate((node) => {
    const { backgroundColor, color } = getComputedStyle(node);
    return {
      background: backgroundColor,
      text: color,
      page: getComputedStyle(document.documentElement).backgroundColor,
    };
  });

describeInBrowser('in forced colours', () => {
  let site: TestSite;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  it('the bar of the answer, the pressed tool and the chosen layer stand out', async () => {
    const { page } = await openDraw(site, { forcedColors: 'active' });
    await drawWithMouse(page, SEVEN);
    await expectText(page, '7');
    await page.waitForSelector('[data-testid="insight"][data-settled="true"]');
    const bar = await coloursOf(answerOf(page).locator('li[data-chosen="true"] span > span'));
    expect(bar.background).not.toBe(bar.page);
    const tools = page.getByRole('group', { name: 'Drawing tools' }).getByRole('button');
    const layers = page.getByRole('list', { name: 'Layers' }).getByRole('button');
    for (const buttons of [tools, layers]) {
      const [pressed, other] = [await coloursOf(buttons.nth(0)), await coloursOf(buttons.nth(1))];
      expect(pressed.background).not.toBe(other.background);
      expect(pressed.background).not.toBe(pressed.text);
    }
    await page.context().close();
  });

  it('the confusion matrix keeps its strengths, and the chosen mistake stands out', async () => {
    const { page } = await site.open('/model/', { forcedColors: 'active' });
    const cells = page.getByRole('table').first().locator('td:not(:first-child), tbody td');
    const right = await coloursOf(page.locator('tbody tr').first().locator('td').first());
    const none = await coloursOf(cells.filter({ has: page.locator('[data-none="true"]') }).first());
    expect(right.background).not.toBe(none.background);
    const pressed = await coloursOf(page.locator('table button[aria-pressed="true"]'));
    const other = await coloursOf(page.locator('table button[aria-pressed="false"]').first());
    expect(pressed.background).not.toBe(other.background);
    expect(pressed.background).not.toBe(pressed.text);
    await page.context().close();
  });
});
