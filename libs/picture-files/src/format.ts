/** Formats that are read. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff' | 'bmp';

/** A format that is known by its first bytes and not read. */
export interface RefusedFormat {
  readonly refused: string;
}

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

/**
 * Tells a file's format by its first bytes, whatever its name says.
 *
 * @returns a format that is read, the name of one that is known and not read, or null
 * @see https://www.garykessler.net/library/file_sigs.html for the signatures
 */
export function recogniseFormat(bytes: Uint8Array): PictureFormat | RefusedFormat | null {
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
