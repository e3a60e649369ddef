import { readFile, stat } from 'node:fs/promises';
import { MAX_PICTURE_PIXELS, type Picture } from '@digits/data';
import sharp from 'sharp';
import { readBmpHeader } from './bmp-header.ts';
import { decodeBmp } from './bmp.ts';
import { PictureFileError } from './picture-file-error.ts';

/** What is refused before it is decoded. */
export interface PictureLimits {
  /** Of the file; {@link DEFAULT_MAX_BYTES} when left out. */
  readonly maxBytes?: number;
  /** Width times height of the decoded picture; {@link MAX_PICTURE_PIXELS} when left out. */
  readonly maxPixels?: number;
}

/** A decoded picture file. */
export interface PictureFile {
  /** RGBA, upright. */
  readonly picture: Picture & { readonly channels: 4 };
  readonly format: PictureFormat;
  /** Of the file. */
  readonly numBytes: number;
  /** Pictures in the file; the first is the one that was read. */
  readonly numFrames: number;
  /** EXIF orientation, 1 to 8, that the file asked for and the picture now has; 1 where it asked for none. */
  readonly orientation: number;
}

/** Formats that are read. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff' | 'bmp';

/** A format that is known by its first bytes and not read. */
interface RefusedFormat {
  readonly refused: string;
}

/** 64 MiB: a 50-megapixel photo as PNG. */
export const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

const REFUSED_BRANDS: Readonly<Record<string, string>> = {
  heic: 'HEIC',
  heix: 'HEIC',
  heim: 'HEIC',
  heis: 'HEIC',
  hevc: 'HEIC',
  hevx: 'HEIC',
  mif1: 'HEIF',
  msf1: 'HEIF',
  avif: 'AVIF',
  avis: 'AVIF',
};

/** Pictures have few frames and small tags; the decoders' threads would only take the cores from the engine's. */
sharp.concurrency(1);
sharp.cache(false);

/**
 * Reads a picture file: PNG, JPEG, WebP, GIF, TIFF (of the last three the first frame) or BMP, upright as EXIF says.
 * Format, bytes and pixels are checked before anything is decoded.
 *
 * @param source the file's bytes, or its path
 * @returns `[height, width, 4]` uint8 sRGB with straight alpha, and what the file was
 * @throws PictureFileError whose `code` is `UNSUPPORTED_FORMAT`, `TOO_LARGE` or `DAMAGED`
 * @throws Error of the file system where the path cannot be read
 */
export async function readPicture(source: Uint8Array | string, limits: PictureLimits = {}): Promise<PictureFile> {
  const { maxBytes = DEFAULT_MAX_BYTES, maxPixels = MAX_PICTURE_PIXELS } = limits;
  checkBytes(typeof source === 'string' ? (await stat(source)).size : source.length, maxBytes);
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  checkBytes(bytes.length, maxBytes);
  const format = supportedFormat(bytes);
  if (format === 'bmp') return readBmp(bytes, maxPixels);
  return readWithSharp(bytes, format, maxPixels);
}

function checkBytes(numBytes: number, maxBytes: number): void {
  if (numBytes <= maxBytes) return;
  throw new PictureFileError(
    'TOO_LARGE',
    `readPicture: the file must have at most ${maxBytes} bytes, got ${numBytes}; save it smaller`,
  );
}

function checkPixels(width: number, height: number, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new PictureFileError(
    'TOO_LARGE',
    `readPicture: the picture must have at most ${maxPixels} pixels, got ${width}x${height}; scale it down first`,
  );
}

function supportedFormat(bytes: Uint8Array): PictureFormat {
  const format = recogniseFormat(bytes);
  if (typeof format === 'string') return format;
  const got = format === null ? describeStart(bytes) : format.refused;
  throw new PictureFileError(
    'UNSUPPORTED_FORMAT',
    `readPicture: the file must be PNG, JPEG, WebP, GIF, TIFF or BMP, got ${got}; save or export it as JPEG or PNG`,
  );
}

function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return `an unknown format (it starts with ${start.join(' ')})`;
}

function readBmp(bytes: Uint8Array, maxPixels: number): PictureFile {
  const header = readBmpHeader(bytes);
  const { width, height } = header;
  checkPixels(width, height, maxPixels);
  try {
    const data = decodeBmp(bytes, header);
    return {
      picture: { data, width, height, channels: 4 },
      format: 'bmp',
      numBytes: bytes.length,
      numFrames: 1,
      orientation: 1,
    };
  } catch (cause) {
    throw damaged('bmp', cause);
  }
}

async function readWithSharp(bytes: Uint8Array, format: PictureFormat, maxPixels: number): Promise<PictureFile> {
  // The limit guards the decoder too, should a header say less than what follows it.
  const options = { limitInputPixels: maxPixels, failOn: 'error', page: 0, pages: 1 } as const;
  // Headers of refused pictures must still be read, to say how large they are.
  const header = await sharp(bytes, { ...options, limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw damaged(format, cause);
    });
  checkPixels(header.width, header.height, maxPixels);
  try {
    const { data, info } = await sharp(bytes, options)
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 4) throw new Error(`decoded to ${info.channels} channels instead of 4`);
    return {
      picture: { data, width: info.width, height: info.height, channels: 4 },
      format,
      numBytes: bytes.length,
      numFrames: header.pages ?? 1,
      orientation: header.orientation ?? 1,
    };
  } catch (cause) {
    throw damaged(format, cause);
  }
}

function damaged(format: PictureFormat, cause: unknown): PictureFileError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).trim().replaceAll(/\s*\n\s*/g, '; ');
  const message = `readPicture: the ${format.toUpperCase()} file must be whole, got a damaged one (${reason}); save it again`;
  return new PictureFileError('DAMAGED', message, { cause });
}

/**
 * Tells a file's format by its first bytes, whatever its name says.
 *
 * @returns a format that is read, the name of one that is known and not read, or null
 * @see https://www.garykessler.net/library/file_sigs.html for the signatures
 */
function recogniseFormat(bytes: Uint8Array): PictureFormat | RefusedFormat | null {
  const text = (start: number, end: number): string => String.fromCharCode(...bytes.subarray(start, end));
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(text(0, 4))) return 'tiff';
  if (text(0, 2) === 'BM') return 'bmp';
  if (text(4, 8) === 'ftyp') return { refused: REFUSED_BRANDS[text(8, 12)] ?? 'ISO media (video)' };
  if (text(0, 5) === '%PDF-') return { refused: 'PDF' };
  if (text(0, 4) === '\0\0\x01\0') return { refused: 'ICO' };
  if (text(0, 2) === '\xff\x0a' || text(0, 8) === '\0\0\0\x0cJXL ') return { refused: 'JPEG XL' };
  if (text(0, 8) === '\0\0\0\x0cjP  ') return { refused: 'JPEG 2000' };
  if (/^\s*(<\?xml|<svg|<!--)/.test(text(0, 64).replace(/^\xef\xbb\xbf/, ''))) return { refused: 'SVG or XML' };
  return null;
}
