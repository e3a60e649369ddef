import type { Page } from 'playwright-core';
import { type PictureFile, pictureOfSeveral, picturesOfOne } from './picture-files.ts';
import { predictFiles } from './programs.ts';
import { describeInBrowser, expectText, openDraw, readingOf, startSite, type TestSite } from './site.ts';

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
    const predictions = predictFiles(files);
    expect(predictions.filter(({ reason }) => reason === null).length).toBeGreaterThanOrEqual(4);
    for (const [i, file] of files.entries()) {
      await upload(page, file);
      const [inPage, predicted] = [await readingOf(page), predictions[i]];
      expect([file.name, inPage?.text, inPage?.reason]).toEqual([file.name, predicted.text, predicted.reason]);
      // The two decode some files one grey level apart, which moves the edges of the ink and with them unsure answers.
      const difference = Math.max(
        0,
        ...predicted.digits.flatMap(({ probabilities }, k) =>
          probabilities.map((each, label) => Math.abs(each - (inPage?.digits[k].probabilities[label] ?? 0))),
        ),
      );
      expect(difference).toBeLessThanOrEqual(0.05);
    }
  });

  it('of several digits get a box around each', async () => {
    await upload(page, await pictureOfSeveral());
    await expectText(page, '257');
    const boxes = page.getByTestId('digit-box');
    expect(await boxes.evaluateAll((all) => all.map((box) => box.getAttribute('data-class')))).toEqual(['2', '5', '7']);
    const picture = await page.locator('[data-testid="picture"] img').boundingBox();
    const places = await boxes.evaluateAll((all) => all.map((box) => box.getBoundingClientRect().x));
    expect(places.map((x) => Math.floor((3 * (x - (picture?.x ?? 0))) / (picture?.width ?? 1)))).toEqual([0, 1, 2]);
  });

  it('are read again as one digit or several', async () => {
    const [one, several] = [
      page.getByRole('radio', { name: 'one digit' }),
      page.getByRole('radio', { name: 'several' }),
    ];
    await upload(page, await pictureOfSeveral());
    expect([await one.isChecked(), await several.isChecked()]).toEqual([false, true]);
    await one.check();
    await page.waitForSelector('[data-testid="picture"][data-status="read"]');
    expect([(await readingOf(page))?.mode, await page.getByTestId('digit-box').count()]).toEqual(['single', 1]);
    await several.check();
    await expectText(page, '257');
    expect(await page.getByTestId('digit-box').count()).toBe(3);
    const [file] = await picturesOfOne();
    await upload(page, file);
    await expectText(page, '2');
    expect([await one.isChecked(), await several.isChecked()]).toEqual([true, false]);
  });

  it('load the network that finds ink, which drawings do without', async () => {
    const opened = await openDraw(site, { serviceWorkers: 'block' });
    const inkFiles = () => opened.requests.filter((address) => address.includes('/pretrained-ink/')).length;
    await opened.page.getByTestId('drawing-canvas').click();
    await opened.page.waitForSelector('[data-testid="prediction"][data-reading]');
    expect(inkFiles()).toBe(0);
    await upload(opened.page, await pictureOfSeveral());
    const [file] = await picturesOfOne();
    await opened.page.getByTestId('upload').setInputFiles(file);
    await expectText(opened.page, '2');
    // model.json and weights.bin, once.
    expect(inkFiles()).toBe(2);
    await opened.page.context().close();
  });

  it('of several digits that are read as one say so', async () => {
    const remark = 'There seem to be several digits, and only one was read.';
    await upload(page, await pictureOfSeveral());
    expect(await page.getByTestId('remarks').count()).toBe(0);
    await page.getByRole('radio', { name: 'one digit' }).check();
    await page.getByTestId('remarks').waitFor();
    expect(await page.getByTestId('remarks').textContent()).toBe(remark);
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
      await expectText(page, '2');
      await page.getByRole('button', { name: 'Close picture' }).click();
      await expectText(page, null);
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
    await expectText(page, null);
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
    await expectText(opened.page, '2');
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
