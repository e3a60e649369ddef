import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { drawWithMouse, SEVEN } from '../harness/drawing.ts';
import { describeInBrowser, expectText, startSite, type TestSite, waitUntilReady, violations } from './site.ts';

const TRAINER = join(__dirname, '..', '..', '..', '..', 'apps', 'trainer', 'dist', 'main.js');
const SEED = 7;

/** What the command line gets for one epoch of `fast`. */
function trainOnCommandLine(out: string): string {
  const options = ['--preset', 'fast', '--epochs', '1', '--seed', String(SEED), '--out', join(out, 'run'), '--json'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [TRAINER, 'train', ...options], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { weightsSha256: string }).weightsSha256;
}

async function start(page: Page, { epochs = 1 } = {}): Promise<void> {
  await page.getByRole('radio', { name: 'Fast' }).check();
  await page.getByRole('spinbutton', { name: 'Epochs' }).fill(String(epochs));
  await page.getByRole('spinbutton', { name: 'Seed' }).fill(String(SEED));
  await page.getByRole('button', { name: 'Start training' }).click();
}

const phase = (page: Page, name: string) => page.waitForSelector(`[data-testid="run"][data-phase="${name}"]`);

/** The hash that is shown at the end, and whether it is said to be comparable. */
async function outcome(page: Page): Promise<readonly [hash: string | null, isComparable: string | null]> {
  await page.waitForSelector('[data-testid="outcome"], [role="alert"]', { timeout: 110_000 });
  const hash = page.getByTestId('weights-hash');
  return [await hash.textContent(), await hash.getAttribute('data-comparable')];
}

describeInBrowser('the Train page', () => {
  let site: TestSite;
  let folder: string;
  let fromCommandLine: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'train-'));
    fromCommandLine = trainOnCommandLine(folder);
  });
  afterEach(() => site.close());
  afterAll(() => rm(folder, { recursive: true }));

  it('trains to the hash of the command line with threads, though paused, and hands the network on', async () => {
    site = await startSite();
    const { page, complaints, requests } = await site.open('/train/');
    expect(requests.filter((address) => /train-worker|mnist/.test(address))).toEqual([]);
    expect(Number(await page.getByTestId('threads').getAttribute('data-threads'))).toBe(
      await page.evaluate(() => Math.min(8, navigator.hardwareConcurrency)),
    );
    await start(page);
    await page.getByRole('table').first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await phase(page, 'paused');
    expect(await page.locator('figure svg').count()).toBe(2);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Go on' }).click();
    expect(await outcome(page)).toEqual([fromCommandLine, 'true']);
    expect(await page.getByText('of 10,000 test digits read right').count()).toBe(1);
    expect(await page.getByRole('img', { name: /read as/ }).count()).toBeGreaterThan(0);
    expect(await violations(page)).toEqual([]);

    const accuracy = /[\d.]+%/.exec((await page.getByTestId('outcome').textContent()) ?? '')?.[0];
    const files = [await download(page, 'model.json', folder), await download(page, 'weights.bin', folder)];
    await page.getByRole('button', { name: 'Use on the Draw page' }).click();
    await page.getByRole('link', { name: 'Draw with it' }).click();
    await waitUntilReady(page);
    expect(await page.getByTestId('own-model').textContent()).toContain(`fast, seed ${SEED}, trained here`);
    await drawWithMouse(page, SEVEN);
    await expectText(page, '7');
    await page.getByRole('link', { name: 'About it' }).click();
    await page.getByText(`this browser: fast, seed ${SEED}, trained here.`).waitFor();
    expect(await page.getByTestId('test-accuracy').textContent()).toBe(accuracy);
    expect(await page.getByRole('table').first().locator('caption').textContent()).toBe(
      'Answers to 10,000 test digits',
    );
    await openAgain(page, files);
    expect(complaints).toEqual([]);
  });

  /** The run outlives the visit to another page of the site. */
  async function openAgain(page: Page, files: readonly string[]): Promise<void> {
    await page.getByRole('navigation').getByRole('link', { name: 'Train' }).click();
    await page.getByTestId('outcome').waitFor();
    const status = page.getByTestId('own-model-status');
    await page.getByRole('button', { name: 'Use the bundled one again' }).click();
    await status.filter({ hasText: 'The bundled network answers on the Draw page again.' }).waitFor();
    await page.getByTestId('open-model').setInputFiles(files[0]);
    await status.filter({ hasText: 'these were chosen: model.json' }).waitFor();
    await page.getByTestId('open-model').setInputFiles([...files]);
    await status.filter({ hasText: 'fast, opened from files now answers on the Draw page.' }).waitFor();
  }

  it.each(['onnx', 'keras'])('opens a network in the form %s, and it answers on the Draw page', async (format) => {
    const file = join(folder, `network.${format}`);
    const options = ['--model', join(folder, 'run'), '--format', format, '--out', file];
    const { status, stderr } = spawnSync(process.execPath, [TRAINER, 'export', ...options], { encoding: 'utf8' });
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    site = await startSite();
    const { page, complaints } = await site.open('/train/');
    await page.getByTestId('open-model').setInputFiles(file);
    const answers = 'your network, opened from files now answers on the Draw page.';
    await page.getByTestId('own-model-status').filter({ hasText: answers }).waitFor();
    await page.goto(site.url);
    await waitUntilReady(page);
    expect(await page.getByTestId('own-model').textContent()).toContain('your network, opened from files');
    await drawWithMouse(page, SEVEN);
    await expectText(page, '7');
    expect(complaints).toEqual([]);
  });

  it.each([
    ['where it is not isolated', {}],
    ['over plain http from another host name', { hostName: 'digits.test' }],
  ])('trains to the same hash on one thread %s', async (_, options) => {
    site = await startSite({ isolated: false, ...options });
    const { page, complaints } = await site.open('/train/');
    expect(await page.getByTestId('threads').getAttribute('data-threads')).toBe('1');
    await start(page);
    expect(await outcome(page)).toEqual([fromCommandLine, 'true']);
    expect(complaints).toEqual([]);
  });

  it('gives one figure for the validation images: that of the curve', async () => {
    site = await startSite();
    const { page } = await site.open('/train/');
    await start(page, { epochs: 50 });
    // Of one moment, because the run goes on for a few steps after the button was pressed.
    const figures = async () => {
      const [caption, description] = await page.evaluate(() => [
        document.querySelector('table caption')?.textContent ?? '',
        Array.from(document.querySelectorAll('svg desc')).at(-1)?.textContent ?? '',
      ]);
      // Later answers than the first ones: the validation curve has a beginning and an end.
      const curve = /validation: [\d.]+% at [^,]*, ([\d.]+)% at [^,]*\.$/.exec(description)?.[1];
      return { curve, caption: /([\d.]+)%/.exec(caption)?.[1] };
    };
    while ((await figures()).curve === undefined) await page.waitForTimeout(200);
    await page.getByRole('button', { name: 'Pause' }).click();
    await phase(page, 'paused');
    const { curve, caption } = await figures();
    expect(Number(caption)).toBeCloseTo(Number(curve), 2);
  });

  it('says that a run whose learning rate was changed, and that was stopped, is comparable with none', async () => {
    site = await startSite();
    const { page } = await site.open('/train/');
    await start(page, { epochs: 50 });
    await page.getByRole('table').first().waitFor();
    await page.getByRole('combobox', { name: 'Learning rate' }).selectOption('a third of the plan');
    await page.getByRole('button', { name: 'Stop here' }).click();
    const [hash, isComparable] = await outcome(page);
    expect([hash?.length, isComparable]).toEqual([64, 'false']);
    expect(await page.getByText('Not comparable').count()).toBe(1);
    expect(await page.getByRole('spinbutton', { name: 'Epochs' }).inputValue()).toBe('50');
  });

  it('says what is missing where the images cannot be loaded, and can start again', async () => {
    site = await startSite();
    const { page } = await site.open('/train/', { serviceWorkers: 'block' });
    await page.route('**/mnist/t10k-labels*', (route) => route.fulfill({ status: 404, body: '' }));
    await start(page);
    await page
      .getByRole('alert')
      .filter({ hasText: 't10k-labels-idx1-ubyte.gz must be there, got status 404' })
      .waitFor();
    await page.getByRole('button', { name: 'Start training' }).waitFor();
  });
});

/** @returns the path of the file that was saved */
async function download(page: Page, name: string, folder: string): Promise<string> {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name, exact: true }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe(name);
  const path = join(folder, name);
  await saved.saveAs(path);
  expect((await readFile(path)).length).toBeGreaterThan(1000);
  return path;
}
