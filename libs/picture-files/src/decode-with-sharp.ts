import sharp, { type Sharp, type SharpOptions } from 'sharp';
import type { PictureFormat } from './picture-format.ts';
import { checkSize, type AllPictureLimits } from './picture-limits.ts';
import { pngSize, withoutExtraChunks } from './png-chunks.ts';

/** One frame of a file that sharp has decoded. */
export interface DecodedFrame {
  /** `[height, width, 4]` uint8 sRGB with straight alpha, upright. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Size of the upright frame in the file. */
  readonly fullWidth: number;
  readonly fullHeight: number;
  readonly numFrames: number;
  /** Number of the frame in the file, from 0. */
  readonly frame: number;
  /** EXIF orientation of the frame, 1 to 8. */
  readonly orientation: number;
}

/** The pixels of a frame. */
type Pixels = Pick<DecodedFrame, 'data' | 'width' | 'height'>;

/** Limits of a file that sharp decodes. */
export type SizeLimits = Pick<AllPictureLimits, 'maxPixels' | 'shrinkTo'>;

/** Time after which libvips ends decoding. The largest pictures take some seconds. */
const MAX_DECODING_SECONDS = 60;

/** Maximum number of frames in which content is searched: 10 seconds of a fast animation. */
const MAX_SEARCHED_FRAMES = 250;

/**
 * Maximum number of pages of a TIFF that are searched, times the number of its pages: libvips visits every page each time it
 * opens the file.
 */
const MAX_PAGE_VISITS = 1000;

/** Largest grey level, after a colour profile if there is one, of a 16-bit picture whose samples stop at 255 of 65535. */
const MAX_NEAR_BLACK = 32;

/** Size of the frames that are wanted, if it is not that in the file. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pictures have few frames and small tags; the decoders' threads would only take the cores from the engine's. */
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes the first frame that is not blank, or the first frame if none is found.
 *
 * @throws PictureFileError `TOO_LARGE` if the first frame has too many pixels, or is too long or too narrow
 * @throws Error of the decoder if the first frame is damaged
 */
export async function decodeWithSharp(
  file: Uint8Array,
  format: PictureFormat,
  limits: SizeLimits,
): Promise<DecodedFrame> {
  const bytes = format === 'png' ? readablePng(file, limits) : file;
  const first = await decodeFrame(bytes, format, 0, limits);
  // Pictures in an AVIF file are no frames, and sharp chooses the main one.
  if (first.numFrames === 1 || format === 'avif' || !isBlank(first.data)) return first;
  const search = format === 'tiff' ? findPage(bytes, first, limits) : findAnimationFrame(bytes, format, first, limits);
  // A file with a whole first frame is readable, even if another one is damaged.
  return (await search.catch(() => null)) ?? first;
}

/** Checks the size of a PNG before a decoder sees it, and removes the chunks that are not needed. */
function readablePng(bytes: Uint8Array, { maxPixels }: SizeLimits): Uint8Array {
  const size = pngSize(bytes);
  if (size !== null) checkSize(size.width, size.height, maxPixels);
  return withoutExtraChunks(bytes);
}

/** Searches the pages of a TIFF, each of which can be decoded by itself and has its own size. */
async function findPage(
  bytes: Uint8Array,
  first: DecodedFrame,
  { maxPixels, ...limits }: SizeLimits,
): Promise<DecodedFrame | null> {
  const numSearched = Math.min(first.numFrames, Math.floor(MAX_PAGE_VISITS / first.numFrames));
  let pixelsLeft = maxPixels;
  for (let frame = 1; frame < numSearched; frame++) {
    const page = await decodeFrame(bytes, 'tiff', frame, { ...limits, maxPixels: pixelsLeft });
    if (!isBlank(page.data)) return page;
    pixelsLeft -= page.fullWidth * page.fullHeight;
  }
  return null;
}

/** Searches an animation. Its frames are drawn over one another, so all are decoded in one go, one below the other. */
async function findAnimationFrame(
  bytes: Uint8Array,
  format: PictureFormat,
  first: DecodedFrame,
  limits: SizeLimits,
): Promise<DecodedFrame | null> {
  const { maxPixels } = limits;
  const pixelsPerFrame = first.fullWidth * first.fullHeight;
  const pages = Math.min(first.numFrames, MAX_SEARCHED_FRAMES, Math.floor(maxPixels / pixelsPerFrame)) - 1;
  if (pages < 1) return null;
  const { data } = await toRgba(bytes, { page: 1, pages, limitInputPixels: maxPixels });
  for (let i = 0; i < pages; i++) {
    const isContent = !isBlank(data.subarray(i * pixelsPerFrame * 4, (i + 1) * pixelsPerFrame * 4));
    if (isContent) return decodeFrame(bytes, format, i + 1, limits);
  }
  return null;
}

/** Whether pixels, `[n, 4]` RGBA, show nothing: all are transparent, or all are alike. */
function isBlank(rgba: Uint8Array): boolean {
  let [isClear, isUniform] = [true, true];
  for (let i = 0; i < rgba.length && (isClear || isUniform); i += 4) {
    isClear &&= rgba[i + 3] === 0;
    isUniform &&= rgba[i] === rgba[0] && rgba[i + 1] === rgba[1] && rgba[i + 2] === rgba[2] && rgba[i + 3] === rgba[3];
  }
  return isClear || isUniform;
}

async function decodeFrame(
  bytes: Uint8Array,
  format: PictureFormat,
  frame: number,
  { maxPixels, shrinkTo = Infinity }: SizeLimits,
): Promise<DecodedFrame> {
  // The limit guards the decoder too, should a header say less than what follows it.
  const options: SharpOptions = { autoOrient: true, limitInputPixels: maxPixels, ...(frame > 0 && { page: frame }) };
  // Headers of refused pictures must still be read, to say how large they are.
  const header = await sharp(bytes, { ...options, failOn: 'error', limitInputPixels: false }).metadata();
  checkSize(header.width, header.height, maxPixels);
  const { width: fullWidth, height: fullHeight } = header.autoOrient;
  const factor = Math.floor(Math.max(fullWidth, fullHeight) / shrinkTo);
  const size =
    factor > 1 ? { width: Math.ceil(fullWidth / factor), height: Math.ceil(fullHeight / factor) } : undefined;
  const pixels = await toRgba(bytes, options, size);
  const isDeep = header.depth === 'ushort' && (format === 'png' || format === 'tiff');
  if (isDeep && isNearBlack(pixels.data)) await restoreLowBytes(bytes, options, pixels, size);
  const numFrames = header.pages ?? 1;
  return { ...pixels, fullWidth, fullHeight, frame, numFrames, orientation: header.orientation ?? 1 };
}

/** Opens a file, and shrinks it to a size if one is given: by the decoder itself if that can, otherwise row by row. */
function open(bytes: Uint8Array, options: SharpOptions, size: Size | undefined): Sharp {
  const opened = sharp(bytes, { ...options, failOn: 'error' }).timeout({ seconds: MAX_DECODING_SECONDS });
  return size === undefined ? opened : opened.resize({ ...size, fit: 'fill', kernel: 'mitchell' });
}

async function toRgba(bytes: Uint8Array, options: SharpOptions, size?: Size): Promise<Pixels> {
  const { data, info } = await open(bytes, options, size)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 4) throw new Error(`decoded to ${info.channels} channels instead of 4`);
  return { data, width: info.width, height: info.height };
}

function isNearBlack(rgba: Uint8Array): boolean {
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i] > MAX_NEAR_BLACK || rgba[i + 1] > MAX_NEAR_BLACK || rgba[i + 2] > MAX_NEAR_BLACK) return false;
  }
  return true;
}

/**
 * Writes the low bytes of a 16-bit picture into `pixels` if no colour sample is above 255 of 65535: some programs write 8-bit
 * samples there without scaling them. Alpha is read by its own maximum, because other programs scale only that.
 */
async function restoreLowBytes(
  bytes: Uint8Array,
  options: SharpOptions,
  { data }: Pixels,
  size: Size | undefined,
): Promise<void> {
  // A colour profile would bend samples that are too small.
  const buffer = await open(bytes, { ...options, ignoreIcc: true }, size)
    .toColourspace('rgb16')
    .ensureAlpha()
    .raw({ depth: 'ushort' })
    .toBuffer();
  const samples = new Uint16Array(buffer.buffer, buffer.byteOffset, buffer.length / 2);
  let [maxColour, maxAlpha] = [0, 0];
  for (let i = 0; i < samples.length; i += 4) {
    maxColour = Math.max(maxColour, samples[i], samples[i + 1], samples[i + 2]);
    maxAlpha = Math.max(maxAlpha, samples[i + 3]);
  }
  if (maxColour > 255) return;
  for (let i = 0; i < samples.length; i += 4) {
    for (let c = 0; c < 3; c++) data[i + c] = samples[i + c];
    if (maxAlpha <= 255) data[i + 3] = samples[i + 3];
  }
}
