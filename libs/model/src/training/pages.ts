import { generatePages, PAGE_CHANNELS, type Pages, type PagesOptions } from '@digits/synthesis';
import { type Architecture, inferShapes } from '../network/architecture.ts';
import { showShape } from '../network/shapes.ts';
import type { TargetImages } from '../network/training-images.ts';
import type { TrainingData } from './data.ts';
import type { TrainingConfig } from './settings.ts';

/** What of a configuration decides the pages of a run. */
export type PageSettings = Pick<TrainingConfig, 'architecture' | 'seed' | 'validationSize'>;

/** Generated pages with their targets. */
export type PageImages = Omit<Pages, 'characters'>;

/** Pages to generate, with their size. */
export type PageRequest = PagesOptions & Required<Pick<PagesOptions, 'width' | 'height'>>;

/** Generates pages, as `generatePages` does; in parallel, if the caller can. */
export type GeneratePages = (request: PageRequest) => PageImages | Promise<PageImages>;

/** The pages that a trained network is judged by; it has learned from none of them. */
export interface JudgingPages {
  /** Pages with kinds of paper, fonts and ways to write a digit that are not in the training pages. */
  readonly validation: TargetImages;
  /** As many pages with those of the training. */
  readonly trainingKinds: TargetImages;
}

/** The pages of one run. */
export interface PreparedPages extends TrainingData<TargetImages>, JudgingPages {
  readonly validation: TargetImages;
}

/** How far the seeds of a run's sets of pages are apart: further than those of any two runs. */
const SEED_DISTANCE = 2 ** 40;

/** Seeds above this one are folded back, so that the seeds made of them are whole numbers too. */
const MAX_SEED = 2 ** 52;

/**
 * Generates the pages of one run: training pages by its seed, then those that it is judged by.
 *
 * @param generate default: `generatePages`
 * @throws RangeError if `pages` is null, or the network takes other images or gives other channels than a page's
 * @example
 * ```ts
 * const config = presetConfig('ink');
 * const { weights } = await train(config, await preparePages(config), engine);
 * ```
 */
export async function preparePages(
  settings: PageSettings & Pick<TrainingConfig, 'pages'>,
  generate: GeneratePages = generatePages,
): Promise<PreparedPages> {
  const { architecture, pages, seed } = settings;
  if (pages === null) throw new RangeError('preparePages: pages must be given, got null; set how many to generate');
  const size = pageSize('preparePages', architecture);
  const train = toTargetImages(await generate({ ...size, count: pages.count, seed, fold: 'training' }));
  return { train, ...(await prepareJudgingPages(settings, generate)) };
}

/**
 * Generates the pages that a trained network is judged by, the same for every model of the same seed. Neither set shares a page with the
 * training pages: their seeds differ.
 *
 * @param generate default: `generatePages`
 * @throws RangeError if the network takes other images or gives other channels than a page's
 */
export async function prepareJudgingPages(
  { architecture, seed, validationSize: count }: PageSettings,
  generate: GeneratePages = generatePages,
): Promise<JudgingPages> {
  const size = pageSize('prepareJudgingPages', architecture);
  const validation = await generate({ ...size, count, seed: otherSeed(seed, 1), fold: 'validation' });
  const trainingKinds = await generate({ ...size, count, seed: otherSeed(seed, 2), fold: 'training' });
  return { validation: toTargetImages(validation), trainingKinds: toTargetImages(trainingKinds) };
}

function otherSeed(seed: number, index: number): number {
  return (seed % MAX_SEED) + index * SEED_DISTANCE;
}

/** @returns size of the pages that a network is made for */
function pageSize(caller: string, architecture: Architecture): { readonly width: number; readonly height: number } {
  const [height, width, channels] = architecture.inputShape;
  const output = inferShapes(architecture)[architecture.layers.length - 1];
  const needed = [height, width, PAGE_CHANNELS.length];
  if (channels !== 1 || showShape(output) !== showShape(needed)) {
    throw new RangeError(
      `${caller}: architecture must turn ${showShape([height, width, 1])} into ${showShape(needed)} (${PAGE_CHANNELS.join(', ')}), got ${showShape(architecture.inputShape)} into ${showShape(output)}`,
    );
  }
  return { width, height };
}

function toTargetImages({ count, width, height, images, targets }: PageImages): TargetImages {
  return { images, targets, count, width, height, channels: 1, targetShape: [height, width, PAGE_CHANNELS.length] };
}
