import type { Page } from 'playwright-core';
import { drawWithMouse, ONE, SEVEN } from '../harness/drawing.ts';
import { describeInBrowser, expectText, openDraw, startSite, type TestSite } from './site.ts';

describeInBrowser('what the network saw', () => {
  let site: TestSite;
  let page: Page;

  beforeAll(async () => {
    site = await startSite();
    ({ page } = await openDraw(site));
    await drawWithMouse(page, SEVEN);
    await expectText(page, '7');
    await page.waitForSelector('[data-testid="evidence"][data-for="7"]');
  });
  afterAll(() => site.close());

  /** Pixels of a canvas that are not black. */
  const litPixels = (selector: string) =>
    page.locator(selector).evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] + data[i + 1] + data[i + 2] > 30) count++;
      return count;
    });

  it('shows each step of the preparation, the last one 28x28', async () => {
    const steps = page.getByTestId('steps').locator('li');
    expect(await steps.evaluateAll((all) => all.map((step) => step.getAttribute('data-step')))).toEqual([
      'drawing',
      'image',
    ]);
    const size = await steps
      .last()
      .locator('canvas')
      .evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement;
        return [width, height];
      });
    expect(size).toEqual([28, 28]);
    expect(await litPixels('[data-step="image"] canvas')).toBeGreaterThan(40);
  });

  it('shows what spoke for the answer and against the runner-up', async () => {
    const evidence = page.getByTestId('evidence');
    expect(await evidence.getAttribute('data-for')).toBe('7');
    expect(await evidence.getAttribute('data-against')).not.toBe('7');
    const labels = await evidence
      .locator('canvas')
      .evaluateAll((all) => all.map((canvas) => canvas.getAttribute('aria-label')));
    expect(labels[0]).toMatch(/^Why a 7: the strongest evidence lies at the (top|middle|bottom), (left|centre|right)$/);
    expect(await evidence.textContent()).toMatch(/Why a 7Why no \d/);
  });

  it('shows every picture of a narrow digit whole and undistorted', async () => {
    const { page: another } = await openDraw(site);
    await drawWithMouse(another, ONE);
    await another.waitForSelector('[data-testid="insight"][data-settled="true"]');
    const pictures = await another
      .getByTestId('steps')
      .locator('canvas')
      .evaluateAll((all) =>
        all.map((canvas) => {
          const [own, frame] = [canvas.getBoundingClientRect(), canvas.parentElement?.getBoundingClientRect()];
          const { objectFit } = getComputedStyle(canvas);
          return [Math.round(own.height - (frame?.height ?? 0)), Math.round(own.top - (frame?.top ?? 0)), objectFit];
        }),
      );
    expect(pictures).toEqual([
      [0, 0, 'contain'],
      [0, 0, 'contain'],
    ]);
    await another.context().close();
  });

  it('shows what every layer gave', async () => {
    const layers = page.getByRole('list', { name: 'Layers' }).getByRole('button');
    const count = await layers.count();
    expect(count).toBeGreaterThan(2);
    for (let i = 0; i < count; i++) {
      await layers.nth(i).click();
      const [name] = (await layers.nth(i).locator('span').allTextContents()) as [string];
      await page.waitForSelector(`[data-testid="activation"][data-layer="${name}"]`);
      expect([name, (await litPixels('[data-testid="activation"] canvas')) > 0]).toEqual([name, true]);
    }
  });
});
