import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type PictureFile, pictureOfSeveral, picturesOfOne } from './picture-files.ts';
import { answerOf, describeInBrowser, expectAnswer, openDraw, startSite, type TestSite } from './site.ts';

/** What `npm run predict -- --json` says of a file. */
interface Prediction {
  readonly digit: number | null;
  readonly rejected: boolean;
  readonly probabilities: readonly number[];
  readonly reason: string | null;
}

const COMMAND_LINE = join(__dirname, '..', '..', '..', '..', 'apps', 'trainer', 'dist', 'main.js');

function predict(folder: string, files: readonly PictureFile[]): Prediction[] {
  const paths = files.map(({ name }) => join(folder, name));
  const run = spawnSync(process.execPath, [COMMAND_LINE, 'predict', '--json', ...paths], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`predict: must end well, got ${String(run.status)}: ${run.stderr}`);
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Prediction);
}

/** Chooses files as a visitor does, and waits until one that was read or refused is shown. */
async function upload(page: Page, file: PictureFile): Promise<void> {
  await page.getByTestId('upload').setInputFiles(file);
  await page.waitForSelector('[data-testid="picture"][data-status="read"], [data-testid="picture-error"]');
}

describeInBrowser('pictures on the Draw page', () => {
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

  it('are answered as the command line answers them', async () => {
    const files = await picturesOfOne();
    const folder = mkdtempSync(join(tmpdir(), 'digits-'));
    for (const { name, buffer } of files) writeFileSync(join(folder, name), buffer);
    const predictions = predict(folder, files);
    rmSync(folder, { recursive: true });
    expect(predictions.filter(({ rejected }) => !rejected).length).toBeGreaterThanOrEqual(4);
    for (const [i, file] of files.entries()) {
      const { digit, rejected, reason, probabilities } = predictions[i];
      await upload(page, file);
      const answer = answerOf(page);
      expect([file.name, await answer.getAttribute('data-digit')]).toEqual([file.name, String(digit ?? '')]);
      expect([file.name, await answer.getAttribute('data-rejected')]).toEqual([file.name, String(rejected)]);
      if (reason !== null) continue;
      const inPage = JSON.parse((await answer.getAttribute('data-probabilities')) ?? '[]') as number[];
      const difference = Math.max(...probabilities.map((probability, label) => Math.abs(probability - inPage[label])));
      expect(difference).toBeLessThanOrEqual(0.01);
    }
  });

  it('of several digits get a box around each', async () => {
    await upload(page, await pictureOfSeveral());
    await expectAnswer(page, 'data-text', '257');
    const boxes = page.getByTestId('digit-box');
    expect(await boxes.evaluateAll((all) => all.map((box) => box.getAttribute('data-digit')))).toEqual(['2', '5', '7']);
    const picture = await page.locator('[data-testid="picture"] img').boundingBox();
    const places = await boxes.evaluateAll((all) => all.map((box) => box.getBoundingClientRect().x));
    expect(places.map((x) => Math.floor((3 * (x - (picture?.x ?? 0))) / (picture?.width ?? 1)))).toEqual([0, 1, 2]);
    await page.getByRole('radio', { name: 'one digit' }).check();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="digit-box"]').length === 0);
  });

  it('can be dropped and pasted', async () => {
    const [file] = await picturesOfOne();
    for (const type of ['drop', 'paste'] as const) {
      await page.evaluate(
        ({ bytes, name, kind }) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(bytes)], name, { type: 'image/png' }));
          const event =
            kind === 'drop'
              ? new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })
              : new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true });
          document.body.dispatchEvent(event);
        },
        { bytes: [...file.buffer], name: file.name, kind: type },
      );
      await expectAnswer(page, 'data-digit', '2');
      await page.getByRole('button', { name: 'Close picture' }).click();
      await expectAnswer(page, 'data-digit', '');
    }
  });

  it.each([
    ['a HEIC photo', 'photo.heic', heicHeader(), /HEIC photo.*JPEG/],
    ['a text', 'notes.png', Buffer.from('These are notes, not a picture.'), /no picture/],
    ['an empty file', 'empty.png', Buffer.alloc(0), /empty/],
    ['more pixels than can be decoded', 'huge.png', pngHeader(20_000, 20_000), /400 megapixels; up to 50/],
  ])('refuses %s in words that help', async (_, name, buffer, message) => {
    await page.getByTestId('upload').setInputFiles({ name, mimeType: 'image/png', buffer });
    const error = page.getByTestId('picture-error');
    await error.waitFor();
    expect(await error.textContent()).toMatch(message);
    await expectAnswer(page, 'data-digit', '');
    await page.getByRole('button', { name: 'Back to drawing' }).click();
    await page.getByTestId('drawing-canvas').waitFor();
  });

  it('are read by another worker if the first one did not start', async () => {
    const [file] = await picturesOfOne();
    const opened = await openDraw(site, { serviceWorkers: 'block' });
    await opened.page.route('**/picture-worker*', (route) => route.fulfill({ status: 404, body: '' }));
    await upload(opened.page, file);
    expect(await opened.page.getByTestId('picture-error').textContent()).toContain('the worker did not start');
    await opened.page.unroute('**/picture-worker*');
    await opened.page.getByTestId('upload').setInputFiles(file);
    await opened.page.waitForSelector('[data-testid="picture"][data-status="read"]');
    await expectAnswer(opened.page, 'data-digit', '2');
    await opened.page.context().close();
  });

  it('refuses a picture whose end is missing', async () => {
    const [file] = await picturesOfOne();
    await upload(page, { ...file, buffer: file.buffer.subarray(0, file.buffer.length / 2) });
    expect(await page.getByTestId('picture-error').textContent()).toMatch(/damaged/);
  });
});

/** The first bytes of a HEIC file: its brand, and a picture of 64x64. */
function heicHeader(): Buffer {
  const box = (type: string, content: Buffer) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(8 + content.length);
    return Buffer.concat([size, Buffer.from(type, 'latin1'), content]);
  };
  const ispe = box('ispe', Buffer.from([0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 64]));
  const meta = box('meta', Buffer.concat([Buffer.alloc(4), box('iprp', box('ipco', ispe))]));
  return Buffer.concat([box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1')), meta]);
}

/** A PNG's signature and first chunk. */
function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(33);
  header.write('\x89PNG\r\n\x1a\n', 0, 'latin1');
  header.writeUInt32BE(13, 8);
  header.write('IHDR', 12, 'latin1');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 0, 0, 0, 0], 24);
  return header;
}
