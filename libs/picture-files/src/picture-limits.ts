import { MAX_PICTURE_PIXELS } from '@digits/data';
import { PictureFileError } from './picture-file-error.ts';

/** Limits that are checked before a file is decoded. */
export interface PictureLimits {
  /** Maximum size of the file in bytes; {@link DEFAULT_MAX_BYTES} if left out. */
  readonly maxBytes?: number;
  /** Maximum width times height of the picture; {@link MAX_PICTURE_PIXELS} if left out. */
  readonly maxPixels?: number;
  /**
   * If given, a picture is shrunk by a whole factor while it is decoded, which takes less memory and time; its longer side keeps at
   * least this many pixels. BMP files are not shrunk.
   */
  readonly shrinkTo?: number;
}

/** Limits without gaps. */
export interface AllPictureLimits extends PictureLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** 64 MiB: a 50-megapixel photo as PNG. */
export const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Maximum width and height. Decoders hold some hundred rows at once, so one row of 24 million pixels takes a gigabyte; the longest
 * panoramas have about 30,000 pixels.
 */
const MAX_SIDE = 32_767;

/** Maximum length of a picture in units of its breadth. Of a longer one, no digit could be read. */
const MAX_ASPECT_RATIO = 200;

/** Fills in the limits that were left out. */
export function withDefaults(limits: PictureLimits): AllPictureLimits {
  return { maxBytes: DEFAULT_MAX_BYTES, maxPixels: MAX_PICTURE_PIXELS, ...limits };
}

/** Throws a `PictureFileError` `TOO_LARGE` if a file has too many bytes. */
export function checkBytes(numBytes: number, maxBytes: number): void {
  if (numBytes <= maxBytes) return;
  throw new PictureFileError(
    'TOO_LARGE',
    `readPicture: the file must have at most ${maxBytes} bytes, got ${numBytes}; save it smaller`,
  );
}

/** Throws a `PictureFileError` `TOO_LARGE` if a picture has too many pixels, or is too long or too narrow. */
export function checkSize(width: number, height: number, maxPixels: number): void {
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  const rule =
    width * height > maxPixels
      ? `have at most ${maxPixels} pixels`
      : longer > MAX_SIDE
        ? `be at most ${MAX_SIDE} pixels wide and high`
        : longer > MAX_ASPECT_RATIO * shorter
          ? `be at most ${MAX_ASPECT_RATIO} times as long as it is broad`
          : null;
  if (rule === null) return;
  const advice = width * height > maxPixels ? 'scale it down first' : 'cut out the part with the digits';
  throw new PictureFileError('TOO_LARGE', `readPicture: the picture must ${rule}, got ${width}x${height}; ${advice}`);
}
