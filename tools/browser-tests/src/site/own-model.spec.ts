import { createModel, encodeModel, initialWeights, presetConfig } from '@digits/model';
import type { Page } from 'playwright-core';
import { drawWithMouse } from '../harness/drawing.ts';
import { SCRIBBLE } from './picture-files.ts';
import { answerOf, describeInBrowser, startSite, type TestSite, violations, waitUntilReady } from './site.ts';

/** Files of a network with ten outputs, none of which means "not a digit". */
function filesOfUntrained() {
  const { architecture } = presetConfig('fast');
  const { modelJson, weightsBin } = encodeModel(
    createModel(architecture, initialWeights(architecture, 1), { preset: 'fast' }),
  );
  return [
    { name: 'model.json', mimeType: 'application/json', buffer: Buffer.from(modelJson) },
    { name: 'weights.bin', mimeType: 'application/octet-stream', buffer: Buffer.from(weightsBin) },
  ];
}

describeInBrowser('a network that cannot tell what is not a digit', () => {
  let site: TestSite;
  let page: Page;

  beforeAll(async () => {
    site = await startSite();
    ({ page } = await site.open('/train/'));
    await page.getByTestId('open-model').setInputFiles(filesOfUntrained());
    await page.getByTestId('own-model-status').filter({ hasText: 'now answers on the Draw page' }).waitFor();
  });
  afterAll(() => site.close());

  it('says so beside its answer to a scribble, and which network it is', async () => {
    await page.goto(site.url);
    await waitUntilReady(page);
    await drawWithMouse(page, [SCRIBBLE], 2);
    await answerOf(page).getByText('This network can’t tell whether it is a digit.').first().waitFor();
    const note = await page.getByTestId('own-model').textContent();
    expect(note).toMatch(/^Read by your own network: fast, opened from files\. It was trained on digits only/);
    expect(await violations(page)).toEqual([]);
  });

  it('is what the Model page describes while it answers', async () => {
    await page.goto(`${site.url}/model/`);
    await page.getByText('Your own network answers on the Draw page in this browser: fast, opened').waitFor();
    await page.getByText('not tested here').waitFor();
    expect(await page.getByRole('heading', { name: 'What it can’t do' }).count()).toBe(1);
    expect(await page.getByRole('heading', { name: 'Model card' }).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Use the bundled network again' }).click();
    await page.getByRole('heading', { name: 'Model card' }).waitFor();
  });

  it('is not described if the bundled network answers', async () => {
    await page.goto(site.url);
    await waitUntilReady(page);
    expect(await page.getByTestId('answering-model').textContent()).toBe('Read by the bundled network.');
  });
});
