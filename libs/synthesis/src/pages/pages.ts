import { type Box, openRandomStream, RandomPurpose, type RandomStream } from '@digits/data';
import { selectVariants } from '../handwriting/variants.ts';
import { TRAIN_GLYPHS, VALIDATION_GLYPHS } from '../negatives/glyphs.ts';
import { TRAIN_DRAWINGS, TRAIN_SCRIBBLES, VALIDATION_DRAWINGS, VALIDATION_SCRIBBLES } from '../negatives/sketches.ts';
import { drawCamera, takePicture } from './camera.ts';
import type { CharacterSources } from './characters.ts';
import { normalisePage } from './normalise.ts';
import { HELD_OUT_RULINGS, type Ruling, TRAINING_RULINGS } from './ruling.ts';
import { drawScene } from './scene.ts';
import { type Character, type Layout, writePage } from './writing.ts';

/** Channels of a page's targets: ink of characters, printed lines, places where two characters touch. */
export const PAGE_CHANNELS = ['ink', 'ruling', 'boundary'] as const;

/** Which characters and paper kinds are drawn: those of training, or others. */
export type PagesFold = 'training' | 'validation';

/** What to generate. */
export interface PagesOptions {
  readonly count: number;
  readonly seed: number;
  /** Index of the first page; default 0. Page i is the same in every set of the same seed and fold. */
  readonly start?: number;
  readonly fold?: PagesFold;
  /** Sides in pixels; default 96. */
  readonly width?: number;
  readonly height?: number;
  /** Range of the characters' height in pixels; default 8 to 84. */
  readonly characterHeight?: readonly [least: number, most: number];
  /** How characters are placed; default any. */
  readonly layout?: Layout;
}

/** Generated pages with what is known of each pixel. */
export interface Pages {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** `[count, height, width]` uint8: what a camera saw, contrast stretched as for reading. */
  readonly images: Uint8Array;
  /** `[count, height, width, 3]` uint8: coverage by each of {@link PAGE_CHANNELS}. */
  readonly targets: Uint8Array;
  /** Characters of each page. */
  readonly characters: readonly (readonly Character[])[];
}

const PAGE_SIDE = 96;
const CHARACTER_HEIGHT = [8, 84] as const;

/** Streams of one page. */
const PageSite = { page: 0, camera: 1 } as const;

const NUM_DIGITS = 10;

/**
 * Generates pages as people photograph and scan them: handwritten digits, letters and scribbles on blank, squared, ruled and
 * printed paper, in any light and either polarity. Page i depends on the options and on i alone.
 *
 * @throws RangeError if an option is out of range
 * @example
 * ```ts
 * const { images, targets } = generatePages({ count: 32, seed: 1 });
 * ```
 */
export function generatePages(options: PagesOptions): Pages {
  const { count, start = 0, width = PAGE_SIDE, height = PAGE_SIDE } = options;
  const images = new Uint8Array(count * width * height);
  const targets = new Uint8Array(count * width * height * PAGE_CHANNELS.length);
  const characters: (readonly Character[])[] = [];
  for (let i = 0; i < count; i++) {
    const page = drawPage(options, start + i, width, height);
    images.set(page.image, i * page.image.length);
    targets.set(page.targets, i * page.targets.length);
    characters.push(page.characters);
  }
  return { count, width, height, images, targets, characters };
}

interface Page {
  readonly image: Uint8Array;
  readonly targets: Uint8Array;
  readonly characters: readonly Character[];
}

function drawPage(options: PagesOptions, sample: number, width: number, height: number): Page {
  const { seed, fold = 'training', characterHeight: [least, most] = CHARACTER_HEIGHT, layout } = options;
  const random = openRandomStream({ seed, purpose: RandomPurpose.pages, site: PageSite.page, sample });
  const middle = Math.sqrt(least * most);
  const spread = random.uniform(0, 1);
  const characterHeight =
    spread < 0.5 ? least * mixed(2 * spread, middle / least) : middle * mixed(2 * spread - 1, most / middle);
  const size = { width, height, characterHeight };
  const writing = writePage(random, size, layout, seed, sourcesOf(fold));
  const lines = random.chance(0.62) ? drawRuling(random, size, fold) : null;
  const scene = drawScene(random, size);
  const contrast = random.chance(0.3) ? random.uniform(0.75, 0.97) : random.uniform(0.12, 0.85);
  const lineContrast = Math.min(0.9, random.chance(0.7) ? random.uniform(0.04, 0.6) : random.uniform(0.4, 0.9));
  const unevenness = random.chance(0.4) ? random.uniform(0, 0.5) : 0;
  const exposure = random.chance(0.2) ? random.uniform(0.25, 0.7) : random.uniform(0.7, 1.05);

  const page = { width, height, values: new Float32Array(width * height) };
  const targets = new Uint8Array(width * height * PAGE_CHANNELS.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [px, py] = [x + 0.5, y + 0.5];
      const hidden = scene.hidden(px, py);
      const ink = writing.ink[i] / 255;
      const line = lines === null ? 0 : lines(px, py);
      const uneven = unevenness === 0 ? 1 : 1 - unevenness * (random.word() / 2 ** 32);
      const sheet = scene.paper(px, py) * (1 - lineContrast * line) * (1 - contrast * ink * uneven);
      const reflectance = hidden === 0 ? sheet : sheet + hidden * (scene.cover(px, py) - sheet);
      page.values[i] = 255 * exposure * scene.light(px, py) * reflectance;
      const at = i * PAGE_CHANNELS.length;
      targets[at] = Math.round(writing.ink[i] * (1 - hidden));
      targets[at + 1] = Math.round(255 * line * (1 - ink) * (1 - hidden));
      targets[at + 2] = Math.round(writing.boundary[i] * (1 - hidden));
    }
  }
  const cameraRandom = openRandomStream({ seed, purpose: RandomPurpose.pages, site: PageSite.camera, sample });
  const camera = drawCamera(cameraRandom, 255 * exposure * contrast * 0.7, characterHeight);
  const picture = takePicture(cameraRandom, page, camera);
  return { ...normalisePage(cameraRandom, picture, targets, size, writing.characters), characters: writing.characters };
}

/** Grows from 1 to `factor` as `t` goes from 0 to 1, about by the same ratio everywhere. */
function mixed(t: number, factor: number): number {
  const root = Math.sqrt(factor);
  return (1 - t) * (1 - t) + 2 * t * (1 - t) * root + t * t * factor;
}

function drawRuling(
  random: RandomStream,
  size: { width: number; height: number; characterHeight: number },
  fold: PagesFold,
): Ruling {
  const kinds = Object.values(fold === 'training' ? TRAINING_RULINGS : HELD_OUT_RULINGS);
  const straight = random.pick(kinds)(random, size);
  const tilt = random.chance(0.5) ? random.around(0.06) : random.around(0.5);
  const bend = random.chance(0.3) ? random.around(0.25) / size.width : 0;
  const [cx, cy] = [size.width / 2, size.height / 2];
  const shrink = 1 / Math.sqrt(1 + tilt * tilt);
  return (x, y) => {
    const [px, py] = [x - cx, y - cy];
    return straight(cx + (px - tilt * py) * shrink, cy + (py + tilt * px + bend * px * px) * shrink);
  };
}

const SOURCES: Readonly<Record<PagesFold, CharacterSources>> = {
  training: {
    digits: groupByDigit('training'),
    glyphs: TRAIN_GLYPHS,
    sketches: [...TRAIN_SCRIBBLES, ...TRAIN_DRAWINGS],
  },
  validation: {
    digits: groupByDigit('heldOut'),
    glyphs: VALIDATION_GLYPHS,
    sketches: [...VALIDATION_SCRIBBLES, ...VALIDATION_DRAWINGS],
  },
};

function sourcesOf(fold: PagesFold): CharacterSources {
  return SOURCES[fold];
}

function groupByDigit(selection: 'training' | 'heldOut'): CharacterSources['digits'] {
  const variants = selectVariants(selection);
  return Array.from({ length: NUM_DIGITS }, (_, digit) => variants.filter((variant) => variant.digit === digit));
}

export type { Box };
