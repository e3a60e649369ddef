import { PictureFileError } from './picture-file-error.ts';

/** Formats that are read. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'gif' | 'tiff' | 'bmp';

/** A format that is known by its first bytes and not read. */
interface RefusedFormat {
  readonly refused: string;
}

/**
 * Names of refused files of the HEIF family, by brand. HEIC is refused because every decoder on npm that needs no compiler
 * contains libheif and libde265 as WebAssembly (libheif-js 1.23.2, which heic-decode uses): LGPL-3.0 code that cannot be
 * exchanged on its own, and 8.5 MB of it. libvips, which decodes AVIF, does not recognise image sequences.
 */
const REFUSED_BRANDS: Readonly<Partial<Record<string, string>>> = {
  heic: 'HEIC',
  heix: 'HEIC',
  heim: 'HEIC',
  heis: 'HEIC',
  hevc: 'HEIC',
  hevx: 'HEIC',
  mif1: 'HEIF',
  msf1: 'HEIF',
  avis: 'an AVIF animation',
};

/** Maximum number of bytes of a file type box that are searched for brands. Files have a handful of brands of 4 bytes. */
const MAX_BRAND_BYTES = 128;

/**
 * Returns the format of a file by its first bytes; its name does not count.
 *
 * @throws PictureFileError `UNSUPPORTED_FORMAT` if it is not one of those that are read
 */
export function supportedFormat(bytes: Uint8Array): PictureFormat {
  const format = recogniseFormat(bytes);
  if (typeof format === 'string') return format;
  const got = format === null ? describeStart(bytes) : format.refused;
  throw new PictureFileError(
    'UNSUPPORTED_FORMAT',
    `readPicture: the file must be PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP, got ${got}; save or export it as JPEG or PNG`,
  );
}

function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return `an unknown format (it starts with ${start.join(' ')})`;
}

/**
 * Recognises a format.
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
  if (text(4, 8) === 'ftyp') return recogniseBrands(bytes);
  if (text(0, 5) === '%PDF-') return { refused: 'PDF' };
  if (text(0, 4) === '\0\0\x01\0') return { refused: 'ICO' };
  if (text(0, 2) === '\xff\x0a' || text(0, 8) === '\0\0\0\x0cJXL ') return { refused: 'JPEG XL' };
  if (text(0, 8) === '\0\0\0\x0cjP  ') return { refused: 'JPEG 2000' };
  if (/^\s*(<\?xml|<svg|<!--)/.test(text(0, 64).replace(/^\xef\xbb\xbf/, ''))) return { refused: 'SVG or XML' };
  return null;
}

/**
 * Recognises an ISO media file by the brands of its file type box: the main one, then the compatible ones from byte 16.
 *
 * @see https://aomediacodec.github.io/av1-avif/#brands
 */
function recogniseBrands(bytes: Uint8Array): PictureFormat | RefusedFormat {
  const boxBytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const box = bytes.subarray(0, Math.min(boxBytes, MAX_BRAND_BYTES));
  const brands = Array.from({ length: Math.floor(box.length / 4) }, (_, i) =>
    String.fromCharCode(...box.subarray(i * 4, i * 4 + 4)),
  ).filter((_, i) => i === 2 || i >= 4);
  const main = String.fromCharCode(...bytes.subarray(8, 12));
  // Some programs put the brand of all HEIF files first and their codec's after it.
  if (main === 'avif' || (main === 'mif1' && brands.includes('avif'))) return 'avif';
  const codec = brands.map((brand) => REFUSED_BRANDS[brand]).find((name) => name === 'HEIC');
  return { refused: (main === 'mif1' ? codec : undefined) ?? REFUSED_BRANDS[main] ?? 'ISO media (video)' };
}
