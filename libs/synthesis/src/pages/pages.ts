import {
  createPlane,
  INK_TILE_SIZE,
  openRandomStream,
  type Plane,
  RandomPurpose,
  type RandomStream,
} from '@digits/data';
import { selectVariants } from '../handwriting/variants.ts';
import { TRAIN_GLYPHS, VALIDATION_GLYPHS } from '../negatives/glyphs.ts';
import { TRAIN_DRAWINGS, TRAIN_SCRIBBLES, VALIDATION_DRAWINGS, VALIDATION_SCRIBBLES } from '../negatives/sketches.ts';
import { drawCamera, takePicture } from './camera.ts';
import type { CharacterSources } from './characters.ts';
import { cutTile, type Page } from './framing.ts';
import { HELD_OUT_RULINGS, type Ruling, TRAINING_RULINGS } from './ruling.ts';
import { drawScene, type Scene } from './scene.ts';
import { type Character, type Layout, type PageSize, writePage, type Writing } from './writing.ts';

/** Channels of a page's targets: ink of characters, printed lines. */
export const PAGE_CHANNELS = ['ink', 'ruling'] as const;

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
  /** Whether to cut tiles as reading cuts them out of a picture (the default), or to return whole pictures. */
  readonly isTile?: boolean;
}

/** Generated pages with what is known of each pixel. */
export interface Pages {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** `[count, height, width]` uint8: what a camera saw, contrast stretched as for reading. */
  readonly images: Uint8Array;
  /** `[count, height, width, 2]` uint8: coverage by each of {@link PAGE_CHANNELS}. */
  readonly targets: Uint8Array;
  /** Characters of each page. */
  readonly characters: readonly (readonly Character[])[];
}

const CHARACTER_HEIGHT = [8, 84] as const;
const LEAST_SIDE = 32;
const MOST_SIDE = 4096;

/** Share of pages with printed lines. */
const RULED_SHARE = 0.5;

/** Paper in usual light, as a share of white. */
const TYPICAL_LIGHTNESS = 0.7;

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
  const { count, start = 0, width = INK_TILE_SIZE, height = INK_TILE_SIZE } = options;
  checkOptions(options);
  const images = new Uint8Array(count * width * height);
  const targets = new Uint8Array(count * width * height * PAGE_CHANNELS.length);
  const characters: (readonly Character[])[] = [];
  for (let i = 0; i < count; i++) {
    const page = drawPage(options, { width, height }, start + i);
    images.set(page.image, i * page.image.length);
    targets.set(page.targets, i * page.targets.length);
    characters.push(page.characters);
  }
  return { count, width, height, images, targets, characters };
}

function checkOptions({
  count,
  start = 0,
  width = INK_TILE_SIZE,
  height = INK_TILE_SIZE,
  characterHeight,
}: PagesOptions): void {
  for (const [name, value] of Object.entries({ count, start })) {
    if (!Number.isInteger(value) || value < 0) {
      throw new RangeError(`generatePages: ${name} must be an integer of at least 0, got ${value}`);
    }
  }
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value < LEAST_SIDE || value > MOST_SIDE) {
      throw new RangeError(`generatePages: ${name} must be an integer in [${LEAST_SIDE}, ${MOST_SIDE}], got ${value}`);
    }
  }
  const [least, most] = characterHeight ?? CHARACTER_HEIGHT;
  if (!(least >= 5 && most >= least)) {
    throw new RangeError(
      `generatePages: characterHeight must be [least, most] with 5 <= least <= most, got [${least}, ${most}]`,
    );
  }
}

/** Reflectances of one page's ink and lines, and how bright its picture is. */
interface Shades {
  /** Share of the light that ink and printed lines swallow. */
  readonly ink: number;
  readonly lines: number;
  /** Share of the ink that the paper's grain keeps off, at most. */
  readonly unevenness: number;
  readonly exposure: number;
}

function drawShades(random: RandomStream): Shades {
  return {
    ink: random.chance(0.3) ? random.uniform(0.75, 0.97) : random.uniform(0.12, 0.85),
    lines: random.chance(0.7) ? random.uniform(0.04, 0.6) : random.uniform(0.4, 0.9),
    unevenness: random.chance(0.4) ? random.uniform(0, 0.5) : 0,
    exposure: random.chance(0.2) ? random.uniform(0.25, 0.7) : random.uniform(0.7, 1.05),
  };
}

function drawPage(options: PagesOptions, { width, height }: { width: number; height: number }, sample: number): Page {
  const { seed, fold = 'training', characterHeight: range = CHARACTER_HEIGHT, layout, isTile = true } = options;
  const random = openRandomStream({ seed, purpose: RandomPurpose.pages, site: PageSite.page, sample });
  const size = { width, height, characterHeight: drawHeight(random, range) };
  const writing = writePage(random, size, layout, seed, SOURCES[fold]);
  const ruling = random.chance(RULED_SHARE) ? drawRuling(random, size, fold) : null;
  const scene = drawScene(random, size);
  const shades = drawShades(random);
  const { plane, targets } = renderPage(random, size, { writing, ruling, scene, shades });
  const cameraRandom = openRandomStream({ seed, purpose: RandomPurpose.pages, site: PageSite.camera, sample });
  const contrast = 255 * shades.exposure * shades.ink * TYPICAL_LIGHTNESS;
  const camera = drawCamera(cameraRandom, contrast, size.characterHeight);
  const image = takePicture(cameraRandom, plane, camera);
  const page = { width, height, image, targets, characters: writing.characters };
  return isTile ? cutTile(cameraRandom, page) : page;
}

/** Puts ink and lines on paper, hides parts of it, and lights it. */
function renderPage(
  random: RandomStream,
  { width, height }: PageSize,
  { writing, ruling, scene, shades }: { writing: Writing; ruling: Ruling | null; scene: Scene; shades: Shades },
): { readonly plane: Plane; readonly targets: Uint8Array } {
  const plane = createPlane(width, height);
  const targets = new Uint8Array(width * height * PAGE_CHANNELS.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [px, py] = [x + 0.5, y + 0.5];
      const hidden = scene.hidden === null ? 0 : scene.hidden(px, py);
      const ink = writing.ink[i] / 255;
      const line = ruling === null ? 0 : ruling(px, py);
      const grain = shades.unevenness === 0 || ink === 0 ? 0 : shades.unevenness * (random.word() / 2 ** 32);
      const sheet = scene.paper(px, py) * (1 - shades.lines * line) * (1 - shades.ink * ink * (1 - grain));
      const reflectance = hidden === 0 ? sheet : sheet + hidden * (scene.cover(px, py) - sheet);
      plane.values[i] = 255 * shades.exposure * scene.light(px, py) * reflectance;
      const shown = 1 - hidden;
      targets[PAGE_CHANNELS.length * i] = Math.round(writing.ink[i] * shown);
      targets[PAGE_CHANNELS.length * i + 1] = Math.round(255 * line * (1 - ink) * shown);
    }
  }
  return { plane, targets };
}

/** Draws a height of which smaller and larger ones are about as frequent by ratio. */
function drawHeight(random: RandomStream, [least, most]: readonly [number, number]): number {
  const middle = Math.sqrt(least * most);
  const t = random.uniform(0, 2);
  return t < 1 ? grow(least, middle, t) : grow(middle, most, t - 1);
}

/** Goes from `from` to `to` by about the same ratio everywhere, without a logarithm. */
function grow(from: number, to: number, t: number): number {
  return (1 - t) * (1 - t) * from + 2 * t * (1 - t) * Math.sqrt(from * to) + t * t * to;
}

/** Draws printed lines that are tilted, and bent as on a curved page. */
function drawRuling(random: RandomStream, size: PageSize, fold: PagesFold): Ruling {
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

function groupByDigit(selection: 'training' | 'heldOut'): CharacterSources['digits'] {
  const variants = selectVariants(selection);
  return Array.from({ length: NUM_DIGITS }, (_, digit) => variants.filter((variant) => variant.digit === digit));
}
