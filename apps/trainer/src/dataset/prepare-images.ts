import { borderOf, IMAGE_SIZE, inkVote, mnistLikePixels, type Picture, resizePicture } from '@digits/data';
import type { ReadingProgress, StoredFiles, StoredPixels, StoredSplit } from '@digits/data/node';
import { readPicture } from '@digits/picture-files';
import { type InkDetector, prepareImage } from '@digits/reader';
import pMap from 'p-map';
import { FAINT, type NamedImages } from './check-data.ts';
import { withInk } from './ink.ts';

/**
 * How the images of a labelled set reach the network: as they are, resized, or through the same preprocessing as pictures in
 * `predict`.
 */
export const PREPROCESSINGS = ['none', 'resize', 'picture'] as const;
export type Preprocessing = (typeof PREPROCESSINGS)[number];

/** An image that is left out. */
export interface RejectedImage {
  readonly name: string;
  readonly className: string;
  readonly reason: string;
}

/** How images are prepared. */
export interface PreparationOptions {
  readonly preprocessing: Preprocessing;
  /** Side of the images that `resize` makes. */
  readonly side: number;
  readonly classNames: readonly string[];
  /** Leaves out files that cannot be decoded, instead of failing. */
  readonly skipBroken: boolean;
  /** The option that gave the images, for errors. */
  readonly option: '--dataset' | '--add';
  /** Is told how many picture files are decoded. */
  readonly onRead?: ReadingProgress | undefined;
}

/** Splits as the network gets them. */
export interface PreparedSplits {
  /** Prepared splits, in the order of the input. */
  readonly splits: readonly NamedImages[];
  readonly rejected: readonly RejectedImage[];
}

/** An image that the network can get; its colours are still to be inverted if the ink of the set is dark. */
interface PreparedPixels {
  /** `[height, width, channels]` uint8. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Positive if the image votes for dark ink on light paper, see `inkVote`. */
  readonly vote: number;
}

/** Reason why no image could be prepared. */
interface Problem {
  readonly reason: string;
  /** Whether the file cannot be decoded. */
  readonly isBroken: boolean;
}

type Prepared = PreparedPixels | Problem;

/** Turns one image into what the network gets. */
type Prepare = (picture: Picture) => Prepared | Promise<Prepared>;

/** How images that are stored as pixels and as files are prepared. */
interface Preparation {
  readonly pixels: Prepare;
  readonly files: Prepare;
}

/**
 * Prepares the splits of one set for a network. Whether ink is darker than paper is decided once for all of them. Images of which
 * nothing can be made are left out and listed.
 *
 * @throws Error naming picture files that cannot be decoded, unless they are skipped; Error if nothing is left of a split, or if sizes
 * differ that must be the same
 */
export async function prepareSplits(
  splits: readonly StoredSplit[],
  options: PreparationOptions,
): Promise<PreparedSplits> {
  const stored = options.preprocessing === 'none' ? splits.map((split) => asStored(split, options)) : [];
  if (stored.length > 0 && stored.every((images) => images !== null)) return { splits: stored, rejected: [] };
  const total = splits.reduce((sum, { images }) => sum + (images.form === 'files' ? images.count : 0), 0);
  const onRead = reportInSteps(total, options.onRead);
  const read = await withPreparation(splits, options, async (preparation) => {
    const all: Prepared[][] = [];
    for (const { images } of splits) all.push(await prepareAll(images, preparation, onRead));
    return all;
  });
  requireReadable(splits, read, options);
  const all = read.flat().filter((image) => 'pixels' in image);
  const colours = {
    isDark: all.reduce((sum, { vote }) => sum + vote, 0) > 0,
    // Colours are kept only if there are some.
    numChannels: all.every(({ pixels, channels }) => channels === 1 || isGrey(pixels)) ? 1 : 3,
  };
  const rejected = splits.flatMap(({ labels, names }, i) =>
    read[i].flatMap((image, j) =>
      'pixels' in image
        ? []
        : [{ name: names[j], className: options.classNames[labels[j]], reason: oneLine(image.reason) }],
    ),
  );
  return { splits: splits.map((split, i) => putTogether(split, read[i], colours, options)), rejected };
}

/** Number of files that are reported together. */
const REPORT_STEP = 64;

/** Returns what is called at each file, and reports many at once. */
function reportInSteps(total: number, onRead: ReadingProgress | undefined): () => void {
  let numDone = 0;
  return () => {
    numDone++;
    if (numDone % REPORT_STEP === 0) onRead?.(REPORT_STEP, total);
    else if (numDone === total) onRead?.(total % REPORT_STEP, total);
  };
}

/** Pixels that the network gets as they are; null for files. */
function asStored({ images, labels, names }: StoredSplit, { classNames }: PreparationOptions): NamedImages | null {
  if (images.form === 'files') return null;
  const { pixels, count, height, width, channels } = images;
  return { images: { images: pixels, labels, count, height, width, channels, numClasses: classNames.length }, names };
}

async function withPreparation<Result>(
  splits: readonly StoredSplit[],
  { preprocessing, side }: PreparationOptions,
  run: (preparation: Preparation) => Promise<Result>,
): Promise<Result> {
  switch (preprocessing) {
    case 'none':
      return run({ pixels: keepPixels, files: keepColours });
    case 'resize':
      return run({ pixels: resizeScaled(splits, side), files: (picture) => resize(picture, side) });
    case 'picture': {
      const isDark = splits.reduce((sum, { images }) => sum + votesOf(images), 0) > 0;
      return withInk((ink) =>
        run({
          pixels: (picture) => prepareStored(picture, isDark, ink),
          files: async (picture) => asPrepared(await prepareImage(picture, ink)),
        }),
      );
    }
  }
}

/** Number of pictures that are decoded in parallel: enough to keep every core busy. */
const CONCURRENT_READS = 8;

async function prepareAll(
  images: StoredPixels | StoredFiles,
  preparation: Preparation,
  onRead: () => void,
): Promise<Prepared[]> {
  if (images.form === 'pixels') {
    const prepared: Prepared[] = [];
    for (let i = 0; i < images.count; i++) prepared.push(await preparation.pixels(storedPicture(images, i)));
    return prepared;
  }
  const indices = Array.from({ length: images.count }, (_, i) => i);
  return pMap(
    indices,
    async (i) => {
      const prepared = await prepareFile(images, i, preparation.files);
      onRead();
      return prepared;
    },
    { concurrency: CONCURRENT_READS },
  );
}

async function prepareFile(files: StoredFiles, index: number, prepare: Prepare): Promise<Prepared> {
  let picture: Picture;
  try {
    ({ picture } = await readPicture(await files.read(index)));
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error), isBroken: true };
  }
  return prepare(picture);
}

/** Returns one image of those that are stored as pixels. */
export function storedPicture(
  { pixels, height, width, channels }: StoredPixels,
  index: number,
): Picture & { data: Uint8Array } {
  const size = height * width * channels;
  const data = pixels.subarray(index * size, (index + 1) * size);
  return { data, width, height, channels: channels === 1 ? 1 : 3 };
}

/** Pixels as they are stored. */
function keepPixels({ data, height, width, channels }: Picture): Prepared {
  return { pixels: Uint8Array.from(data), height, width, channels, vote: 0 };
}

/** The colours of an RGBA picture, without its alpha. */
function keepColours({ data, height, width, channels }: Picture): Prepared {
  const pixels = new Uint8Array(height * width * 3);
  for (let i = 0, j = 0; i < pixels.length; i += 3, j += channels) {
    for (let c = 0; c < 3; c++) pixels[i + c] = data[j + (channels === 1 ? 0 : c)];
  }
  return { pixels, height, width, channels: 3, vote: 0 };
}

function resize(picture: Picture, side: number): Prepared {
  const resized = resizePicture(picture, side);
  return resized === 'blank'
    ? { reason: REASONS.blank, isBroken: false }
    : { ...resized, height: side, width: side, channels: 1 };
}

/** Resizes pixels. Faint sets are scaled to a maximum of 255 first. */
function resizeScaled(splits: readonly StoredSplit[], side: number): Prepare {
  const max = splits.reduce((most, { images }) => Math.max(most, images.form === 'pixels' ? maxOf(images) : 255), 0);
  const scale = max > 0 && max <= FAINT ? 255 / max : 1;
  return (picture) =>
    resize(scale === 1 ? picture : { ...picture, data: picture.data.map((value) => Math.round(scale * value)) }, side);
}

function maxOf({ pixels }: StoredPixels): number {
  // A set that is not faint shows it in its first images.
  return pixels.some((value) => value > FAINT) ? 255 : pixels.reduce((max, value) => Math.max(max, value), 0);
}

const REASONS = {
  blank: 'no ink was found',
  tooSmall: 'it has fewer than 4 pixels a side',
} as const;

function asPrepared({ image, reason }: Awaited<ReturnType<typeof prepareImage>>): Prepared {
  if (image === null) return { reason: REASONS[reason], isBroken: false };
  return { pixels: image, height: IMAGE_SIZE, width: IMAGE_SIZE, channels: 1, vote: 0 };
}

function votesOf(images: StoredPixels | StoredFiles): number {
  if (images.form === 'files' || images.channels !== 1) return 0;
  let votes = 0;
  for (let i = 0; i < images.count; i++) votes += inkVote(storedPicture(images, i).data, images.width, images.height);
  return votes;
}

/** Prepares a small image that a digit may fill. Tight crops get a margin of paper. */
async function prepareStored(picture: Picture, isDark: boolean, ink: InkDetector): Promise<Prepared> {
  if (picture.channels !== 1) return asPrepared(await prepareImage(picture, ink));
  const data = Uint8Array.from(picture.data, (value) => (isDark ? 255 - value : value));
  const light = { ...picture, data };
  const asItIs = mnistLikePixels(light);
  if (asItIs !== null) return { pixels: asItIs, height: IMAGE_SIZE, width: IMAGE_SIZE, channels: 1, vote: 0 };
  return asPrepared(await prepareImage(withMargin(light), ink));
}

/** Share of the longer side that is added on each side. */
const MARGIN = 1 / 4;

/** Turns light ink on dark paper into dark ink on light paper, and adds a margin of that paper. */
function withMargin({ data, width, height }: Picture & { readonly data: Uint8Array }): Picture {
  const margin = Math.ceil(MARGIN * Math.max(width, height));
  const larger = { width: width + 2 * margin, height: height + 2 * margin };
  const border = borderOf(data, width, height).sort();
  const pixels = new Uint8Array(larger.width * larger.height).fill(255 - border[border.length >> 1]);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width).map((value) => 255 - value);
    pixels.set(row, (y + margin) * larger.width + margin);
  }
  return { data: pixels, ...larger, channels: 1 };
}

const MAX_NAMED = 3;

/** Names the first files that cannot be decoded, and tells how many there are. */
function requireReadable(
  splits: readonly StoredSplit[],
  read: readonly (readonly Prepared[])[],
  { option, skipBroken }: PreparationOptions,
): void {
  if (skipBroken) return;
  const broken = splits.flatMap(({ names }, i) =>
    read[i].flatMap((image, j) => ('isBroken' in image && image.isBroken ? [{ name: names[j], ...image }] : [])),
  );
  if (broken.length === 0) return;
  const count = read.reduce((sum, images) => sum + images.length, 0);
  const shown = broken.slice(0, MAX_NAMED).map(({ name, reason }) => `${name} (${oneLine(reason)})`);
  throw new Error(
    `${option}: every picture must be readable, got ${broken.length} of ${count} that are not: ` +
      `${shown.join(', ')}${broken.length > MAX_NAMED ? ', ...' : ''}; repair or remove them, or add --skip-broken`,
  );
}

/** What is decided once for a set. */
interface SetColours {
  /** Whether ink is darker than paper. All images are inverted if it is. */
  readonly isDark: boolean;
  readonly numChannels: number;
}

function putTogether(
  { labels, names }: StoredSplit,
  read: readonly Prepared[],
  { isDark, numChannels }: SetColours,
  { classNames, option }: PreparationOptions,
): NamedImages {
  const kept = read.flatMap((image, index) => ('pixels' in image ? [{ index, ...image }] : []));
  if (kept.length === 0) {
    throw new Error(`${option} must hold images with something on them, got ${read.length} in which nothing is found`);
  }
  const [{ height, width }] = kept;
  const other = kept.find((image) => image.height !== height || image.width !== width);
  if (other !== undefined) {
    throw new Error(
      `${option} must hold images of one size with --preprocess none, got ${height}x${width} in ${names[kept[0].index]} ` +
        `and ${other.height}x${other.width} in ${names[other.index]}; use --preprocess resize`,
    );
  }
  const size = height * width * numChannels;
  const images = new Uint8Array(kept.length * size);
  kept.forEach(({ pixels, channels }, i) => {
    const step = channels / numChannels;
    for (let j = 0, at = i * size; j < size; j++) images[at + j] = isDark ? 255 - pixels[j * step] : pixels[j * step];
  });
  return {
    images: {
      images,
      labels: Uint8Array.from(kept, ({ index }) => labels[index]),
      count: kept.length,
      height,
      width,
      channels: numChannels,
      numClasses: classNames.length,
    },
    names: kept.map(({ index }) => names[index]),
  };
}

/** @param rgb `[n, 3]` */
function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
