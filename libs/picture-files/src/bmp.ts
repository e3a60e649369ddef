import { decode } from 'bmp-ts';
import { PictureFileError } from './picture-file-error.ts';

/** What a BMP file's header says. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
}

/** Depths of Windows bitmaps; others are not defined. */
const DEPTHS = [1, 4, 8, 16, 24, 32];

/** File header and the smallest information header that is read (BITMAPINFOHEADER). */
const MIN_BYTES = 14 + 40;

/**
 * Reads a BMP file's size before anything is decoded.
 *
 * @param bytes the whole file
 * @throws PictureFileError `DAMAGED` where the header is cut off or its numbers cannot be
 * @see https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapinfoheader
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  if (bytes.length < MIN_BYTES) {
    throw new PictureFileError(
      'DAMAGED',
      `readPicture: a BMP file must have at least ${MIN_BYTES} bytes, got ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getInt32(18, true);
  // Negative where the rows run from the top.
  const height = Math.abs(view.getInt32(22, true));
  const bitsPerPixel = view.getUint16(28, true);
  if (width < 1 || height < 1) {
    throw new PictureFileError('DAMAGED', `readPicture: a BMP's size must be positive, got ${width}x${height}`);
  }
  if (!DEPTHS.includes(bitsPerPixel)) {
    throw new PictureFileError(
      'DAMAGED',
      `readPicture: a BMP must have ${DEPTHS.join(', ')} bits a pixel, got ${bitsPerPixel}`,
    );
  }
  return { width, height, bitsPerPixel };
}

/**
 * Decodes a BMP file whose header was read and found good.
 *
 * @param bytes the whole file
 * @returns `[height, width, 4]` uint8 RGBA
 * @throws Error of the decoder where the pixels are cut off
 */
export function decodeBmp(bytes: Uint8Array, { bitsPerPixel }: BmpHeader): Uint8Array {
  const { data } = decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { toRGBA: true });
  const rgba = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // Only 32 bits a pixel have room for alpha, and most programs that write them leave it 0 throughout.
  const hasAlpha = bitsPerPixel === 32 && rgba.some((value, i) => i % 4 === 3 && value !== 0);
  if (!hasAlpha) for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  return rgba;
}
