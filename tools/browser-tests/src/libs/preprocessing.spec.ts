import type { Picture, Stroke } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { loadModel, loadPretrainedInkModel, pretrainedModelDirectory } from '@digits/model/node';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumForTests, launchChromium } from '../harness/chromium.ts';
import { runInPage } from '../harness/page-run.ts';
import { type PreparationArgument, prepareEverything } from './pages/preprocessing.ts';

jest.setTimeout(180_000);

const chromium = chromiumForTests('pictures and strokes in the page');

/** Digits side by side on yellowish paper that gets darker to the right, in blue ink, with some noise. */
function photograph(digits: readonly Uint8Array[], factor: number): Picture {
  const [width, height] = [digits.length * 36 * factor, 40 * factor];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor(x / factor), Math.floor(y / factor) - 6];
      const [digit, left] = [digits[Math.floor(column / 36)], (column % 36) - 4];
      const ink = left >= 0 && left < 28 && row >= 0 && row < 28 ? digit[row * 28 + left] / 255 : 0;
      const light = 1 - (0.5 * x) / width;
      const noise = ((x * 7919 + y * 104729) % 13) - 6;
      const at = 4 * (y * width + x);
      data.set(
        [240 - 200 * ink, 235 - 180 * ink, 200 - 90 * ink].map((value) => value * light + noise),
        at,
      );
      data[at + 3] = 255;
    }
  }
  return { data, width, height, channels: 4 };
}

/** A hand's wobbly circle, and a bar beside it. */
function drawing(size: number): Stroke[] {
  const circle = Array.from({ length: 40 }, (_, i): [number, number] => {
    const angle = (i / 39) * 2 * Math.PI;
    return [size * (1 + 0.9 * Math.cos(angle) + 0.03 * (i % 3)), size * (1.2 + Math.sin(angle))];
  });
  return [circle, [[size * 2.8, size * 0.2], [size * 2.9, size * 2.3]]]; // prettier-ignore
}

(chromium === null ? describe.skip : describe)('pictures and strokes in the page', () => {
  let browser: Browser;

  beforeAll(async () => {
    if (chromium !== null) browser = await launchChromium(chromium, 'none');
  });

  afterAll(() => browser.close());

  it('give the bytes that they give in Node, in every step', async () => {
    const { images } = await loadSplit('mnist', 'test');
    const digits = [3, 10, 18, 61].map((i) => images.slice(i * 784, (i + 1) * 784));
    const argument: PreparationArgument = {
      model: await loadModel(pretrainedModelDirectory()),
      inkModel: await loadPretrainedInkModel(),
      pictures: [photograph([digits[0]], 9), photograph(digits, 5), photograph([digits[1], digits[2]], 2)],
      drawings: [drawing(1), drawing(300)],
    };
    const inNode = await prepareEverything(createSimdEngine({ threads: 1 }), argument);
    const entry = join(__dirname, 'pages', 'preprocessing.ts');
    const inPage = await runInPage<Uint8Array>(browser, { entry, isolated: false, argument });
    expect(inNode.length).toBeGreaterThan(50_000);
    expect(inPage).toHaveLength(inNode.length);
    expect(Buffer.from(inPage).equals(inNode)).toBe(true);
  });
});
