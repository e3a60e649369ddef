import { crc32, inflateSync } from 'node:zlib';
import { checkSize } from './picture-limits.ts';
import { FRAME_BYTES, isNeeded, SIGNATURE_BYTES } from './png-chunks.ts';

/** Pixels of a PNG. */
interface DecodedPng {
  /** `[height, width, 4]` uint8 RGBA. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Maximum number of pixels: larger pictures are decoded faster in the decoder's own threads. */
const MAX_PIXELS = 128 * 128;

/** Bytes per pixel by colour type, 8 bits a sample. */
const PIXEL_BYTES: Readonly<Record<number, 1 | 2 | 3 | 4 | undefined>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

const HEADER_BYTES = 13;

/**
 * Decodes a small, plain PNG at once: 8 bits a sample, without palette, interlacing, colour space and orientation. Data sets hold such
 * files by the hundred thousand, and to start a decoder for each takes fifty times as long.
 *
 * @returns the pixels that any decoder gives; null for all other files, damaged ones too
 * @throws PictureFileError `TOO_LARGE` if the picture has more than `maxPixels`
 * @see https://www.w3.org/TR/png-3/
 */
export function decodeSmallPng(bytes: Uint8Array, maxPixels: number): DecodedPng | null {
  const chunks = readChunks(bytes);
  if (chunks === null) return null;
  const { header, data } = chunks;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colourType, compression, filter, interlacing] = header.subarray(8);
  const pixelBytes = PIXEL_BYTES[colourType];
  const isPlain = depth === 8 && pixelBytes !== undefined && compression + filter + interlacing === 0;
  if (!isPlain || width * height === 0 || width * height > MAX_PIXELS) return null;
  checkSize(width, height, maxPixels);
  const rows = inflate(data, (width * pixelBytes + 1) * height);
  if (rows === null || !undoFilters(rows, width * pixelBytes, pixelBytes)) return null;
  return { data: toRgba(rows, width, height, pixelBytes), width, height };
}

interface PngChunks {
  readonly header: Uint8Array;
  /** Compressed. */
  readonly data: Uint8Array;
}

/** Null if a chunk is cut off or damaged, or changes the pixels in a way that is left to a decoder. */
function readChunks(bytes: Uint8Array): PngChunks | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Uint8Array | null = null;
  const data: Uint8Array[] = [];
  for (let at = SIGNATURE_BYTES; at + FRAME_BYTES <= bytes.length;) {
    const length = view.getUint32(at);
    const end = at + FRAME_BYTES + length;
    if (end > bytes.length) return null;
    const type = String.fromCharCode(bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]);
    if (isNeeded(type) && crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) return null;
    const content = bytes.subarray(at + 8, end - 4);
    if (type === 'IHDR' && header === null && length === HEADER_BYTES) header = content;
    else if (type === 'IDAT') data.push(content);
    else if (type === 'IEND') return header === null ? null : { header, data: Buffer.concat(data) };
    else if (isNeeded(type)) return null;
    at = end;
  }
  return null;
}

function inflate(data: Uint8Array, length: number): Uint8Array | null {
  try {
    const rows = inflateSync(data, { maxOutputLength: length });
    return rows.length === length ? rows : null;
  } catch {
    return null;
  }
}

/** Adds to each byte what its filter predicted from its neighbours; returns whether all filters are known. */
function undoFilters(rows: Uint8Array, rowBytes: number, pixelBytes: number): boolean {
  for (let start = 0; start < rows.length; start += rowBytes + 1) {
    const filter = rows[start];
    if (filter > 4) return false;
    for (let i = start + 1; i <= start + rowBytes; i++) {
      const left = i - start > pixelBytes ? rows[i - pixelBytes] : 0;
      const up = start > 0 ? rows[i - rowBytes - 1] : 0;
      const upLeft = start > 0 && i - start > pixelBytes ? rows[i - rowBytes - 1 - pixelBytes] : 0;
      if (filter === 1) rows[i] += left;
      else if (filter === 2) rows[i] += up;
      else if (filter === 3) rows[i] += (left + up) >> 1;
      else if (filter === 4) rows[i] += paeth(left, up, upLeft);
    }
  }
  return true;
}

/** Returns the neighbour that is nearest to `left + up - upLeft`. */
function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft;
  const [a, b, c] = [estimate - left, estimate - up, estimate - upLeft].map((value) => (value < 0 ? -value : value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : upLeft;
}

function toRgba(rows: Uint8Array, width: number, height: number, pixelBytes: number): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  const [green, blue] = pixelBytes >= 3 ? [1, 2] : [0, 0];
  const hasAlpha = pixelBytes === 2 || pixelBytes === 4;
  for (let y = 0, i = 0, out = 0; y < height; y++) {
    i++;
    for (let x = 0; x < width; x++, i += pixelBytes, out += 4) {
      rgba[out] = rows[i];
      rgba[out + 1] = rows[i + green];
      rgba[out + 2] = rows[i + blue];
      rgba[out + 3] = hasAlpha ? rows[i + pixelBytes - 1] : 255;
    }
  }
  return rgba;
}
