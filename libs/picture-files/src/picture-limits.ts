import { MAX_PICTURE_PIXELS } from '@digits/data';
import { PictureFileError } from './picture-file-error.ts';

/** Limits that are checked before a file is decoded. */
export interface PictureLimits {
  /** Maximum size of the file in bytes; {@link DEFAULT_MAX_BYTES} if left out. */
  readonly maxBytes?: number;
  /** Maximum width times height of the decoded picture; {@link MAX_PICTURE_PIXELS} if left out. */
  readonly maxPixels?: number;
}

/** 64 MiB: a 50-megapixel photo as PNG. */
export const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Fills in the limits that were left out. */
export function withDefaults(limits: PictureLimits): Required<PictureLimits> {
  return { maxBytes: limits.maxBytes ?? DEFAULT_MAX_BYTES, maxPixels: limits.maxPixels ?? MAX_PICTURE_PIXELS };
}

/** Throws a `PictureFileError` `TOO_LARGE` if a file has too many bytes. */
export function checkBytes(numBytes: number, maxBytes: number): void {
  if (numBytes <= maxBytes) return;
  throw new PictureFileError(
    'TOO_LARGE',
    `readPicture: the file must have at most ${maxBytes} bytes, got ${numBytes}; save it smaller`,
  );
}

/** Throws a `PictureFileError` `TOO_LARGE` if a picture has too many pixels. */
export function checkPixels(width: number, height: number, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new PictureFileError(
    'TOO_LARGE',
    `readPicture: the picture must have at most ${maxPixels} pixels, got ${width}x${height}; scale it down first`,
  );
}
