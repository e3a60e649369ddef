import { PictureFileError } from './picture-file-error.ts';

/** What the headers of a BMP file say. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Whether the first row in the file is the top one. */
  readonly isTopDown: boolean;
  readonly bitsPerPixel: number;
  readonly isRunLengthCoded: boolean;
  /** Bits of a pixel that hold red, green, blue and alpha; only for 16 bits or more. */
  readonly masks: readonly number[];
  /** `[n, 4]` uint8 RGBA; empty for 16 bits or more. */
  readonly palette: Uint8Array;
  /** Byte at which the pixels start. */
  readonly pixelOffset: number;
}

/** Depths that Windows and OS/2 define. */
const DEPTHS = [1, 4, 8, 16, 24, 32];

const FILE_HEADER_BYTES = 14;

/** Bytes of an OS/2 1.x header (BITMAPCOREHEADER). Its sizes are 16-bit numbers and its colours take 3 bytes. */
const CORE_HEADER_BYTES = 12;

/** Bytes of an OS/2 2.x header (OS22XBITMAPHEADER), which numbers its compressions in its own way. */
const OS2_HEADER_BYTES = 64;

/** Bytes of the headers in use: OS/2 1.x, OS/2 2.x (short and full), and Windows 3, its two extensions, 4 and 5. */
const HEADER_BYTES = [CORE_HEADER_BYTES, 16, 40, 52, 56, OS2_HEADER_BYTES, 108, 124];

const RLE8 = 1;
const RLE4 = 2;
const BIT_FIELDS = 3;
const ALPHA_BIT_FIELDS = 6;

/** Masks of red, green, blue and alpha if the header has none. */
const DEFAULT_MASKS: Readonly<Partial<Record<number, readonly number[]>>> = {
  16: [0x7c00, 0x03e0, 0x001f, 0],
  24: [0xff0000, 0x00ff00, 0x0000ff, 0],
  32: [0xff0000, 0x00ff00, 0x0000ff, 0],
};

/**
 * Reads the headers of a BMP file before any pixel is decoded.
 *
 * @param bytes the whole file
 * @throws PictureFileError `DAMAGED` if a header is cut off or has impossible numbers, `UNSUPPORTED_FORMAT` if the pixels are
 *   compressed in a way that is not read (JPEG, PNG, CMYK, Huffman, RLE24)
 * @see https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapinfoheader
 * @see https://www.fileformat.info/format/os2bmp/egff.htm for the headers of OS/2
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  checkLength(bytes, FILE_HEADER_BYTES + CORE_HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(FILE_HEADER_BYTES, true);
  if (!HEADER_BYTES.includes(headerBytes)) {
    throw damagedBmp(`have a header of ${HEADER_BYTES.join(', ')} bytes`, String(headerBytes));
  }
  const isCore = headerBytes === CORE_HEADER_BYTES;
  let headerEnd = FILE_HEADER_BYTES + headerBytes;
  checkLength(bytes, headerEnd);
  /** Short headers leave out fields at their end, which are then 0. */
  const field = (at: number): number => (at + 4 <= headerEnd ? view.getUint32(at, true) : 0);

  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  // Negative if the first row in the file is the top one.
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  if (width < 1 || height < 1) throw damagedBmp('have a positive size', `${width}x${height}`);
  const bitsPerPixel = view.getUint16(isCore ? 24 : 28, true);
  if (!DEPTHS.includes(bitsPerPixel)) throw damagedBmp(`have ${DEPTHS.join(', ')} bits a pixel`, String(bitsPerPixel));
  const compression = field(30);
  checkCompression(compression, bitsPerPixel, headerBytes);

  // Windows 3 puts the masks after the header. Later headers contain them, at the same place in the file.
  if (headerBytes === 40 && compression === BIT_FIELDS) headerEnd += 12;
  if (headerBytes === 40 && compression === ALPHA_BIT_FIELDS) headerEnd += 16;
  checkLength(bytes, headerEnd);
  const hasMasks = compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS;
  const colourMasks = hasMasks ? [field(54), field(58), field(62)] : DEFAULT_MASKS[bitsPerPixel]?.slice(0, 3);
  const masks = colourMasks === undefined ? [] : [...colourMasks, headerBytes === OS2_HEADER_BYTES ? 0 : field(66)];

  const colourBytes = isCore ? 3 : 4;
  const numColours = bitsPerPixel > 8 ? 0 : Math.min(field(46) || 2 ** bitsPerPixel, 2 ** bitsPerPixel);
  const declaredOffset = view.getUint32(10, true);
  // Some programs leave the offset 0. The pixels then follow the palette.
  const pixelOffset = declaredOffset < headerEnd ? headerEnd + numColours * colourBytes : declaredOffset;
  const paletteEnd = Math.min(headerEnd + numColours * colourBytes, pixelOffset, bytes.length);
  const palette = readPalette(bytes.subarray(headerEnd, paletteEnd), colourBytes);
  if (bitsPerPixel <= 8 && palette.length === 0) throw damagedBmp('have a palette', 'none');

  const isRunLengthCoded = compression === RLE8 || compression === RLE4;
  return { width, height, isTopDown: signedHeight < 0, bitsPerPixel, isRunLengthCoded, masks, palette, pixelOffset };
}

function damagedBmp(rule: string, got: string): PictureFileError {
  return new PictureFileError('DAMAGED', `readPicture: a BMP must ${rule}, got ${got}; save it again`);
}

function checkLength(bytes: Uint8Array, minBytes: number): void {
  if (bytes.length < minBytes) throw damagedBmp(`have at least ${minBytes} bytes`, String(bytes.length));
}

function checkCompression(compression: number, bitsPerPixel: number, headerBytes: number): void {
  const hasBitFields = compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS;
  if (compression === 0) return;
  if (compression === RLE8 && bitsPerPixel === 8) return;
  if (compression === RLE4 && bitsPerPixel === 4) return;
  if (hasBitFields && (bitsPerPixel === 16 || bitsPerPixel === 32) && headerBytes !== OS2_HEADER_BYTES) return;
  throw new PictureFileError(
    'UNSUPPORTED_FORMAT',
    `readPicture: a BMP must be uncompressed, RLE4, RLE8 or have bit fields, got compression ${compression} at ` +
      `${bitsPerPixel} bits a pixel (header of ${headerBytes} bytes); save or export it as PNG`,
  );
}

/** Turns a colour table, blue first, into RGBA. */
function readPalette(table: Uint8Array, colourBytes: number): Uint8Array {
  const palette = new Uint8Array(Math.floor(table.length / colourBytes) * 4);
  for (let i = 0, at = 0; i < palette.length; i += 4, at += colourBytes) {
    palette.set([table[at + 2], table[at + 1], table[at], 255], i);
  }
  return palette;
}
