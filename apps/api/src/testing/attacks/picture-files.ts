import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** Chunk of a PNG file: its type and its data. */
type Chunk = readonly [type: string, data: Uint8Array];

/**
 * Makes a white grey PNG of any size in little memory.
 *
 * @param extra chunks between the header and the pixels
 * @see https://www.w3.org/TR/png-3/
 */
export function whitePng(width: number, height: number, extra: readonly Chunk[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const row = Buffer.alloc(1 + width, 255).fill(0, 0, 1);
  const rows = Buffer.alloc(row.length * height, row);
  return png([['IHDR', header], ...extra, ['IDAT', deflateSync(rows, { level: 9 })], ['IEND', new Uint8Array(0)]]);
}

function png(chunks: readonly Chunk[]): Buffer {
  const framed = chunks.map(([type, data]) => {
    const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
    chunk.writeUInt32BE(data.length);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
    return chunk;
  });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...framed]);
}

/** Makes a PNG of 28x28 pixels whose compressed texts are each inflated to `bytesEach`, if somebody reads them. */
export function pngWithTextBombs(numTexts: number, bytesEach: number): Buffer {
  const text = deflateSync(Buffer.alloc(bytesEach, 'a'), { level: 9 });
  return whitePng(
    28,
    28,
    Array.from({ length: numTexts }, (_, i) => ['zTXt', Buffer.concat([Buffer.from(`text${i}\0\0`, 'latin1'), text])]),
  );
}

/** Makes a white WebP of a kilobyte, which is 24 million pixels. */
export function largeWebp(): Promise<Buffer> {
  const white = { width: 4898, height: 4898, channels: 3, background: '#fff' } as const;
  return sharp({ create: white, limitInputPixels: false }).webp({ lossless: true }).toBuffer();
}

/** Makes a drawing of many sevens, in rows of 20, as JSON. */
export function sheetOfSevens(numDigits: number): Buffer {
  const strokes = Array.from({ length: numDigits }, (_, i) => {
    const [x, y] = [(i % 20) * 90, Math.floor(i / 20) * 120];
    return [
      [x, y],
      [x + 50, y],
      [x + 20, y + 90],
    ];
  });
  return Buffer.from(JSON.stringify({ strokes }));
}
