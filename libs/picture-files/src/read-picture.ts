import { readFile, stat } from 'node:fs/promises';
import type { Picture } from '@digits/data';
import { readBmpHeader } from './bmp-header.ts';
import { decodeBmp } from './bmp.ts';
import { decodeWithSharp, type SizeLimits } from './decode-with-sharp.ts';
import { PictureFileError } from './picture-file-error.ts';
import { type PictureFormat, supportedFormat } from './picture-format.ts';
import { checkBytes, checkSize, type PictureLimits, withDefaults } from './picture-limits.ts';
import { decodeSmallPng } from './small-png.ts';

/** A decoded picture file. */
export interface PictureFile {
  /** RGBA, upright. */
  readonly picture: Picture & { readonly channels: 4 };
  /** Size of the upright picture in the file; `picture` is smaller if it was shrunk. */
  readonly fullWidth: number;
  readonly fullHeight: number;
  readonly format: PictureFormat;
  /** Size of the file. */
  readonly numBytes: number;
  /** Number of pictures in the file: frames of an animation, or pages. */
  readonly numFrames: number;
  /**
   * Number of the picture that was read, from 0: the first one that is neither transparent nor all of one colour, or 0 if the
   * search finds none. It ends after 250 frames, or earlier if they have more pixels than `maxPixels` or a TIFF has many pages.
   */
  readonly frame: number;
  /** EXIF orientation, 1 to 8, that the file asked for and the picture now has; 1 where it asked for none. */
  readonly orientation: number;
}

/**
 * Reads a picture file: PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP, upright as the file says. Of an animation or a TIFF with several
 * pages it reads the first picture that is not blank. Format, bytes and size are checked before anything is decoded. Texts and colour
 * profiles of PNG files are not read.
 *
 * @param source the file's bytes, or its path
 * @returns `[height, width, 4]` uint8 sRGB with straight alpha, and what the file was
 * @throws PictureFileError whose `code` is `UNSUPPORTED_FORMAT`, `TOO_LARGE`, `DAMAGED` or `OUT_OF_RESOURCES`
 * @throws Error of the file system where the path cannot be read
 */
export async function readPicture(source: Uint8Array | string, limits: PictureLimits = {}): Promise<PictureFile> {
  const { maxBytes, ...sizes } = withDefaults(limits);
  checkBytes(typeof source === 'string' ? (await stat(source)).size : source.length, maxBytes);
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  checkBytes(bytes.length, maxBytes);
  const format = supportedFormat(bytes);
  if (format === 'bmp') return readBmp(bytes, sizes.maxPixels);
  const small = format === 'png' && sizes.shrinkTo === undefined ? decodeSmallPng(bytes, sizes.maxPixels) : null;
  if (small !== null) return asPictureFile(small, format, bytes.length);
  return readWithSharp(bytes, format, sizes);
}

function readBmp(bytes: Uint8Array, maxPixels: number): PictureFile {
  const header = readBmpHeader(bytes);
  const { width, height } = header;
  checkSize(width, height, maxPixels);
  try {
    const data = decodeBmp(bytes, header);
    return asPictureFile({ data, width, height }, 'bmp', bytes.length);
  } catch (cause) {
    throw damaged('bmp', cause);
  }
}

/** Describes an upright picture that is alone in its file. */
function asPictureFile(
  { data, width, height }: Pick<Picture, 'data' | 'width' | 'height'>,
  format: PictureFormat,
  numBytes: number,
): PictureFile {
  return {
    picture: { data, width, height, channels: 4 },
    fullWidth: width,
    fullHeight: height,
    format,
    numBytes,
    numFrames: 1,
    frame: 0,
    orientation: 1,
  };
}

async function readWithSharp(bytes: Uint8Array, format: PictureFormat, limits: SizeLimits): Promise<PictureFile> {
  try {
    const { data, width, height, ...facts } = await decodeWithSharp(bytes, format, limits);
    return { picture: { data, width, height, channels: 4 }, format, numBytes: bytes.length, ...facts };
  } catch (cause) {
    throw cause instanceof PictureFileError ? cause : damaged(format, cause);
  }
}

/** Messages of libvips, glib, libuv and V8 if there is not enough memory, threads, files or time. */
const RESOURCES =
  /out of memory|memory exhausted|allocat|bad_alloc|creat\w* thread|pthread_create|temporarily unavailable|too many open files|timeout:/i;

function damaged(format: PictureFormat, cause: unknown): PictureFileError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).trim().replaceAll(/\s*\n\s*/g, '; ');
  if (RESOURCES.test(reason)) {
    const message = `readPicture: decoding needs free memory, threads and time, got ${reason}; send a smaller picture or retry`;
    return new PictureFileError('OUT_OF_RESOURCES', message, { cause });
  }
  const message = `readPicture: the ${format.toUpperCase()} file must be whole, got a damaged one (${reason}); save it again`;
  return new PictureFileError('DAMAGED', message, { cause });
}
