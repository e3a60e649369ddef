import { createSimdEngine } from '@digits/engine-simd/node';
import { loadSplit } from '@digits/data/node';
import { createClassifier, evaluateClassifier, type Evaluation } from '@digits/model';
import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import type { Page } from 'playwright-core';
import { describeInBrowser, startSite, type TestSite, violations } from './site.ts';

const NUM_IMAGES = 10_000;

/** The shipped model's figures, measured here. */
async function measure(): Promise<Evaluation> {
  const classifier = await createClassifier(await loadModel(pretrainedModelDirectory()), createSimdEngine());
  const { evaluation } = await evaluateClassifier(classifier, await loadSplit('mnist', 'test'), 'test');
  await classifier.dispose();
  return evaluation;
}

/** The cells of mistakes, as they are told to those who do not see them. */
const cells = (page: Page) => page.getByRole('button', { name: /times \d read as \d/ });

describeInBrowser('the Model page', () => {
  let site: TestSite;
  let evaluation: Evaluation;

  beforeAll(async () => {
    evaluation = await measure();
    site = await startSite();
  });
  afterAll(() => site.close());

  it('has the figures of the shipped model, with its plots and its card', async () => {
    const { page, complaints } = await site.open('/model/');
    expect(await page.getByTestId('test-accuracy').textContent()).toBe(`${(100 * evaluation.accuracy).toFixed(2)}%`);
    expect(await page.getByRole('img', { name: /^Reliability/ }).count()).toBe(1);
    expect(await page.getByRole('img', { name: /^F1 of each digit/ }).count()).toBe(1);
    expect(await page.getByRole('heading', { name: 'Model card' }).count()).toBe(1);
    const numMistakes = NUM_IMAGES - Math.round(evaluation.accuracy * NUM_IMAGES);
    const shown = await cells(page).allTextContents();
    expect(shown.reduce((sum, text) => sum + Number(text), 0)).toBe(numMistakes);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('opens the mistakes behind each count', async () => {
    const { page } = await site.open('/model/');
    const cell = cells(page).first();
    const [, count, label, answer] =
      /(\d+) times (\d) read as (\d)/.exec((await cell.getAttribute('aria-label')) ?? '') ?? [];
    await cell.click();
    await page.getByRole('heading', { name: `${label} read as ${answer}` }).waitFor();
    expect(await cell.getAttribute('aria-pressed')).toBe('true');
    expect(await page.getByRole('img', { name: `A ${label}, read as ${answer}` }).count()).toBe(Number(count));
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  it('measures how fast this device answers', async () => {
    const { page } = await site.open('/model/');
    await page.getByTestId('measure').click();
    await page.getByTestId('speeds').waitFor();
    const rows = await page.getByTestId('speeds').getByRole('row').allTextContents();
    expect(rows.slice(1)).toEqual(rows.slice(1).map(() => expect.stringMatching(/\d ms.*\d a second/) as string));
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
