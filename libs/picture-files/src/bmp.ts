import type { BmpHeader } from './bmp-header.ts';

/*
 * The package has its own decoder because no maintained one on npm reads every kind of BMP (tried in 2026): bmp-ts 1.0.9 (also in
 * @jimp/js-bmp) draws 1-bit files as stripes and RLE files blank, fast-bmp 4.0.1 has no 4 or 16 bits, RLE or palettes, and
 * decode-bmp 0.2.1 has no RLE, 16 bits, bit fields or top-down rows.
 */

/**
 * Decodes a BMP file.
 *
 * @param bytes the whole file
 * @returns `[height, width, 4]` uint8 RGBA
 * @throws Error if the pixels are cut off, or if runs leave the picture
 */
export function decodeBmp(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  if (header.isRunLengthCoded) return paintIndices(decodeRuns(bytes, header), header);
  const { width, height, bitsPerPixel, pixelOffset } = header;
  // The padding of the last row may be missing: nothing is read from it.
  const numBytes = rowBytes(header) * (height - 1) + Math.ceil((width * bitsPerPixel) / 8);
  if (pixelOffset + numBytes > bytes.length) {
    throw new Error(`the pixels need ${numBytes} bytes and have ${Math.max(0, bytes.length - pixelOffset)}`);
  }
  return bitsPerPixel <= 8 ? paintIndices(unpackIndices(bytes, header), header) : decodeColours(bytes, header);
}

/** Rows are padded to 4 bytes. */
function rowBytes({ width, bitsPerPixel }: BmpHeader): number {
  return Math.ceil((width * bitsPerPixel) / 32) * 4;
}

/** Reads the palette indices of 1, 4 or 8 bits a pixel: `[height, width]` in the order of the file. */
function unpackIndices(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bitsPerPixel, pixelOffset } = header;
  const indices = new Uint8Array(width * height);
  const mask = 2 ** bitsPerPixel - 1;
  for (let y = 0; y < height; y++) {
    const row = pixelOffset + y * rowBytes(header);
    for (let x = 0; x < width; x++) {
      const bit = x * bitsPerPixel;
      indices[y * width + x] = (bytes[row + (bit >>> 3)] >>> (8 - bitsPerPixel - (bit & 7))) & mask;
    }
  }
  return indices;
}

/**
 * Decodes RLE4 or RLE8 to palette indices: `[height, width]` in the order of the file. Skipped pixels have index 0.
 *
 * @see https://learn.microsoft.com/windows/win32/gdi/bitmap-compression
 */
function decodeRuns(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bitsPerPixel, pixelOffset } = header;
  const indices = new Uint8Array(width * height);
  // Some programs code the padding of rows too.
  const paddedWidth = (rowBytes(header) * 8) / bitsPerPixel;
  let x = 0;
  let y = 0;
  /** Writes pixels whose bytes start at `from`, or that repeat the one byte there. */
  const write = (numPixels: number, from: number, repeats: boolean): void => {
    if (y >= height || x + numPixels > paddedWidth)
      throw new Error(`a run leaves the picture at row ${y}, column ${x}`);
    const end = Math.min(numPixels, width - x);
    for (let i = 0; i < end; i++) {
      if (bitsPerPixel === 8) indices[y * width + x + i] = bytes[repeats ? from : from + i];
      else indices[y * width + x + i] = (bytes[repeats ? from : from + (i >> 1)] >>> (i & 1 ? 0 : 4)) & 15;
    }
    x += numPixels;
  };

  let at = pixelOffset;
  while (at + 2 <= bytes.length) {
    const [count, code] = [bytes[at], bytes[at + 1]];
    at += 2;
    if (count > 0) {
      write(count, at - 1, true);
    } else if (code === 0) {
      x = 0;
      y++;
    } else if (code === 1) {
      return indices;
    } else if (code === 2) {
      if (at + 2 > bytes.length) break;
      x += bytes[at];
      y += bytes[at + 1];
      at += 2;
    } else {
      const numBytes = Math.ceil((code * bitsPerPixel) / 8);
      if (at + numBytes > bytes.length) break;
      write(code, at, false);
      at += numBytes + (numBytes & 1);
    }
  }
  // The end mark may be missing if every pixel is there.
  if (y >= height || (y === height - 1 && x >= width)) return indices;
  throw new Error(`the runs end at row ${y} of ${height}, column ${x} of ${width}`);
}

/** Looks up indices, in the order of the file, in the palette. Indices beyond it are black, as in Windows. */
function paintIndices(indices: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, palette } = header;
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    let to = firstByteOfRow(y, header);
    for (let x = 0; x < width; x++, to += 4) {
      const from = indices[y * width + x] * 4;
      rgba[to] = palette[from];
      rgba[to + 1] = palette[from + 1];
      rgba[to + 2] = palette[from + 2];
      rgba[to + 3] = 255;
    }
  }
  return rgba;
}

/** Decodes 16, 24 or 32 bits a pixel. */
function decodeColours(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bitsPerPixel, masks, pixelOffset } = header;
  const bytesPerPixel = bitsPerPixel / 8;
  const channels = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, scale: mask === 0 ? 0 : 255 / (mask >>> shift) };
  });
  const rgba = new Uint8Array(width * height * 4);
  let hasAlpha = false;
  for (let y = 0; y < height; y++) {
    let from = pixelOffset + y * rowBytes(header);
    let to = firstByteOfRow(y, header);
    for (let x = 0; x < width; x++, from += bytesPerPixel, to += 4) {
      let pixel = bytes[from] | (bytes[from + 1] << 8);
      if (bytesPerPixel > 2) pixel |= bytes[from + 2] << 16;
      if (bytesPerPixel > 3) pixel |= bytes[from + 3] << 24;
      for (let c = 0; c < 4; c++) {
        const { mask, shift, scale } = channels[c];
        rgba[to + c] = Math.round(((pixel & mask) >>> shift) * scale);
      }
      if (rgba[to + 3] !== 0) hasAlpha = true;
    }
  }
  // Most programs that leave room for alpha set it to 0 throughout.
  if (!hasAlpha) for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  return rgba;
}

/** Place in `[height, width, 4]`, top row first, of the row that is `y`th in the file. */
function firstByteOfRow(y: number, { width, height, isTopDown }: BmpHeader): number {
  return (isTopDown ? y : height - 1 - y) * width * 4;
}
