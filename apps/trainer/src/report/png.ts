import sharp from 'sharp';

/** A picture to be shown: `[height, width, channels]` bytes. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** Encodes a picture as a `data:` address that holds all of it. */
export async function pngAddress({ data, width, height, channels }: Pixels): Promise<string> {
  const png = await sharp(data, { raw: { width, height, channels } }).png({ compressionLevel: 9 }).toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
