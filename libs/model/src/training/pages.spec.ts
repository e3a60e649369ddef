import { generatePages, type PagesOptions } from '@digits/synthesis';
import { singlePixelNetwork } from '../answers/pixel-predictor.fixture.ts';
import { prepareJudgingPages, preparePages } from './pages.ts';
import { presetConfig } from './presets.ts';

const SIZE = { width: 48, height: 32 };
const SETTINGS = {
  architecture: singlePixelNetwork(32, 48, 2),
  seed: 7,
  validationSize: 2,
  pages: { count: 3 },
};

describe('preparePages', () => {
  it('generates training pages by the seed, validation pages by another and with other kinds', async () => {
    const requests: PagesOptions[] = [];
    const pages = await preparePages(SETTINGS, (request) => {
      requests.push(request);
      return generatePages(request);
    });
    expect(requests).toEqual([
      { ...SIZE, count: 3, seed: 7, fold: 'training' },
      { ...SIZE, count: 2, seed: 7 + 2 ** 40, fold: 'validation' },
      { ...SIZE, count: 2, seed: 7 + 2 ** 41, fold: 'training' },
    ]);
    const { images, targets } = generatePages({ ...SIZE, count: 3, seed: 7 });
    expect(pages.train).toEqual({
      images,
      targets,
      count: 3,
      ...SIZE,
      channels: 1,
      targetShape: [32, 48, 2],
    });
    expect(pages.train.images.subarray(0, 32 * 48)).not.toEqual(pages.trainingKinds.images.subarray(0, 32 * 48));
  });

  it('generates as the preset ink asks', async () => {
    const requests: PagesOptions[] = [];
    await preparePages(presetConfig('ink'), (request) => {
      requests.push(request);
      return { ...request, images: new Uint8Array(0), targets: new Uint8Array(0) };
    });
    expect(requests.map(({ count, width, height }) => [count, width, height])).toEqual([
      [32_000, 96, 96],
      [1500, 96, 96],
      [1500, 96, 96],
    ]);
  });

  it('takes every seed', async () => {
    const seeds: number[] = [];
    await preparePages({ ...SETTINGS, seed: Number.MAX_SAFE_INTEGER }, (request) => {
      seeds.push(request.seed);
      return { ...request, images: new Uint8Array(0), targets: new Uint8Array(0) };
    });
    expect(seeds.every((seed) => Number.isSafeInteger(seed))).toBe(true);
    expect(new Set(seeds).size).toBe(3);
  });

  it('refuses a network of other channels, and no pages', async () => {
    const architecture = singlePixelNetwork(32, 48, 3);
    await expect(preparePages({ ...SETTINGS, architecture })).rejects.toThrow(
      new RangeError(
        'preparePages: architecture must turn [32, 48, 1] into [32, 48, 2] (ink, ruling), got [32, 48, 1] into [32, 48, 3]',
      ),
    );
    await expect(preparePages({ ...SETTINGS, pages: null })).rejects.toThrow(
      new RangeError('preparePages: pages must be given, got null; set how many to generate'),
    );
  });
});

describe('prepareJudgingPages', () => {
  it("generates a run's validation pages again", async () => {
    const { validation, trainingKinds } = await preparePages(SETTINGS);
    expect(await prepareJudgingPages(SETTINGS)).toEqual({ validation, trainingKinds });
  });
});
