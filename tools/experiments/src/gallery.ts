import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generateHandwriting,
  generateNegatives,
  generateNeighbours,
  generatePages,
  HANDWRITING_VARIANTS,
  NEGATIVE_KINDS,
  PAGE_CHANNELS,
  type Pages,
} from '@digits/synthesis';
import { loadSplit } from '@digits/data/node';
import { Argument, Command, Option } from 'commander';
import sharp from 'sharp';

const SIDE = 28;
const SCALE = 2;
const GAP = 2;
const GAP_GREY = 150;

interface GalleryFlags {
  readonly out: string;
  readonly seed: number;
  readonly strength: number;
  readonly fold: 'train' | 'validation';
}

/** Creates `gallery`: contact sheets of synthetic images, for checking them by eye. */
export function galleryCommand(): Command {
  return new Command('gallery')
    .description(
      'write contact sheets of synthetic images: 100 digits per variant, 200 images per kind of negative, 200 digits between others per label, or 72 pages above their targets',
    )
    .addArgument(new Argument('<subject>').choices(['handwriting', 'negatives', 'neighbours', 'pages']))
    .option('--out <FOLDER>', 'folder for the PNG files', 'out')
    .option('--seed <n>', 'seed of the images', Number, 1)
    .option('--strength <x>', 'handwriting: strength of the distortions', Number, 1)
    .addOption(
      new Option('--fold <name>', 'negatives and pages: which fonts, drawings and kinds of paper')
        .choices(['train', 'validation'])
        .default('train'),
    )
    .action(async (subject: string, flags: GalleryFlags) => {
      await mkdir(flags.out, { recursive: true });
      await DRAW[subject as keyof typeof DRAW](flags);
    });
}

const DRAW = {
  handwriting: drawHandwriting,
  negatives: drawNegatives,
  neighbours: drawNeighbours,
  pages: drawPages,
} as const;

async function drawHandwriting({ out, seed, strength }: GalleryFlags): Promise<void> {
  for (const { name, heldOut } of HANDWRITING_VARIANTS) {
    const { images } = generateHandwriting({ count: 100, seed, variants: [name], strength });
    await writeSheet(join(out, `${name}${heldOut ? '.held-out' : ''}.png`), images, 10);
  }
}

async function drawNegatives({ out, seed, fold }: GalleryFlags): Promise<void> {
  const digits = await loadSplit('mnist', 'train');
  for (const kind of NEGATIVE_KINDS) {
    const { images } = generateNegatives(digits, { count: 200, seed, fold, kinds: [kind] });
    await writeSheet(join(out, `${fold}-${kind}.png`), images, 20);
  }
}

async function drawNeighbours({ out, seed }: GalleryFlags): Promise<void> {
  const digits = await loadSplit('mnist', 'train');
  const { images, labels, numClasses } = generateNeighbours(digits, { count: 6000, seed });
  for (let label = 0; label < numClasses; label++) {
    const indices = [...labels.keys()].filter((i) => labels[i] === label).slice(0, 200);
    const chosen = Uint8Array.from(
      indices.flatMap((i) => [...images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE)]),
    );
    await writeSheet(join(out, `neighbours-${label === digits.numClasses ? 'misplaced' : label}.png`), chosen, 20);
  }
}

const NUM_PAGES = 72;
const PAGE_COLUMNS = 12;

async function drawPages({ out, seed, fold }: GalleryFlags): Promise<void> {
  const pages = generatePages({ count: NUM_PAGES, seed, fold: fold === 'train' ? 'training' : 'validation' });
  const { pixels, width, height } = pagesSheet(pages, PAGE_COLUMNS);
  const file = join(out, `${fold}-pages.png`);
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(file);
  console.log(file);
}

/**
 * Lays pages out in rows, each above its targets: ink in red, printed lines in green.
 *
 * @returns `[height, width, 3]` uint8
 */
export function pagesSheet(
  pages: Pages,
  columns: number,
): { readonly pixels: Uint8Array; readonly width: number; readonly height: number } {
  const numChannels = PAGE_CHANNELS.length;
  const pitchX = pages.width + GAP;
  const pitchY = 2 * (pages.height + GAP);
  const width = columns * pitchX;
  const height = Math.ceil(pages.count / columns) * pitchY;
  const pixels = new Uint8Array(width * height * 3).fill(GAP_GREY);
  for (let i = 0; i < pages.count; i++) {
    const left = (i % columns) * pitchX;
    const top = Math.floor(i / columns) * pitchY;
    for (let y = 0; y < pages.height; y++) {
      for (let x = 0; x < pages.width; x++) {
        const from = (i * pages.height + y) * pages.width + x;
        const to = ((top + y) * width + left + x) * 3;
        const below = to + (pages.height + GAP) * width * 3;
        pixels.fill(pages.images[from], to, to + 3);
        pixels.fill(0, below, below + 3);
        pixels.set(pages.targets.subarray(from * numChannels, (from + 1) * numChannels), below);
      }
    }
  }
  return { pixels, width, height };
}

async function writeSheet(file: string, images: Uint8Array, columns: number): Promise<void> {
  const { pixels, width, height } = contactSheet(images, SIDE, columns, SCALE);
  await sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toFile(file);
  console.log(file);
}

/**
 * Lays images out in rows, dark ink on white, with grey lines between them.
 *
 * @param images `[n, side, side]` uint8, white on black
 * @param scale side of the square that each pixel becomes
 * @returns `[height, width]` grey uint8
 */
export function contactSheet(
  images: Uint8Array,
  side: number,
  columns: number,
  scale: number,
): { readonly pixels: Uint8Array; readonly width: number; readonly height: number } {
  const count = images.length / (side * side);
  const pitch = side * scale + GAP;
  const width = columns * pitch;
  const height = Math.ceil(count / columns) * pitch;
  const pixels = new Uint8Array(width * height).fill(GAP_GREY);
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * pitch;
    const top = Math.floor(i / columns) * pitch;
    for (let y = 0; y < side * scale; y++) {
      for (let x = 0; x < side * scale; x++) {
        const from = i * side * side + Math.floor(y / scale) * side + Math.floor(x / scale);
        pixels[(top + y) * width + left + x] = 255 - images[from];
      }
    }
  }
  return { pixels, width, height };
}
