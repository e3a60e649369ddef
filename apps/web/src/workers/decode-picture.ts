import { MAX_PICTURE_PIXELS, type Picture } from '@digits/data';

/** 64 MiB, as the command line takes: a 50-megapixel photo as PNG. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

/** Why a file is refused, in words for whoever chose it. */
export class PictureRefusedError extends Error {}

/** Rows that are read from the browser at a time: phones have no canvas for a whole photo. */
const STRIP_PIXELS = 4_000_000;

const ADVICE = 'Save or share it as JPEG or PNG and open that.';

/**
 * Decodes a picture file by the browser's own decoders, upright as EXIF says. Its size is read from its first bytes and
 * checked before anything is decoded.
 *
 * @throws PictureRefusedError where it is none, of a kind that this browser cannot open, too large or damaged
 */
export async function decodePicture(file: Blob): Promise<Picture & { readonly channels: 4 }> {
  if (file.size === 0) throw new PictureRefusedError('This file is empty.');
  if (file.size > MAX_FILE_BYTES) {
    throw new PictureRefusedError(
      `This file has ${megabytes(file.size)}; pictures of up to ${megabytes(MAX_FILE_BYTES)} can be opened. Save it smaller.`,
    );
  }
  const { kind, pixels } = await readHeader(file);
  if (pixels !== null && pixels > MAX_PICTURE_PIXELS) {
    throw new PictureRefusedError(
      `This picture has ${megapixels(pixels)}; up to ${megapixels(MAX_PICTURE_PIXELS)} can be opened. Scale it down first.`,
    );
  }
  const bitmap = await createImageBitmap(file, { premultiplyAlpha: 'none' }).catch((cause: unknown) => {
    throw new PictureRefusedError(explainFailure(kind), { cause });
  });
  try {
    return readPixels(bitmap);
  } finally {
    bitmap.close();
  }
}

interface Header {
  /** Name of the format, or null where the file is no picture. */
  readonly kind: string | null;
  readonly pixels: number | null;
}

async function readHeader(file: Blob): Promise<Header> {
  const { imageSize } = await import('image-size');
  try {
    // Cameras put previews before the size of the picture itself.
    const { width, height, type } = imageSize(new Uint8Array(await file.slice(0, 2 ** 20).arrayBuffer()));
    return { kind: type ?? null, pixels: width * height };
  } catch {
    return { kind: null, pixels: null };
  }
}

function explainFailure(kind: string | null): string {
  switch (kind) {
    case null:
      return 'This file is no picture that a browser can open. Choose a JPEG, PNG, WebP, GIF or BMP file.';
    case 'heif':
    case 'heic':
      return `This is a HEIC photo, which this browser cannot open. ${ADVICE} (On an iPhone: Settings, Camera, Formats, Most Compatible.)`;
    case 'png':
    case 'jpg':
    case 'gif':
    case 'webp':
    case 'bmp':
      return 'This picture is damaged: its end is missing or it does not hold what its beginning says. Save it again.';
    default:
      return `This is a ${kind.toUpperCase()} file, which this browser cannot open. ${ADVICE}`;
  }
}

/** @returns RGBA with straight alpha */
function readPixels(bitmap: ImageBitmap): Picture & { readonly channels: 4 } {
  const { width, height } = bitmap;
  if (width * height > MAX_PICTURE_PIXELS) {
    throw new PictureRefusedError(`This picture has ${megapixels(width * height)}. Scale it down first.`);
  }
  const data = new Uint8ClampedArray(width * height * 4);
  const numRows = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / width)));
  const context = new OffscreenCanvas(width, numRows).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new PictureRefusedError('This browser gives no canvas to read pictures with.');
  for (let y = 0; y < height; y += numRows) {
    const rows = Math.min(numRows, height - y);
    context.clearRect(0, 0, width, numRows);
    context.drawImage(bitmap, 0, y, width, rows, 0, 0, width, rows);
    data.set(context.getImageData(0, 0, width, rows).data, y * width * 4);
  }
  return { data, width, height, channels: 4 };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function megapixels(pixels: number): string {
  return `${Math.round(pixels / 1e6)} megapixels`;
}
