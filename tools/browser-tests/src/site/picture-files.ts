import { type Stroke, strokesToImage } from '@digits/data';
import { generateStrokes } from '@digits/synthesis';
import sharp from 'sharp';

/** A file for the upload. */
export interface PictureFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const SIDE = 28;

/** Returns `[28, 28]` uint8, white on black. */
function imageOf(strokes: readonly Stroke[]): Uint8Array {
  const { image, reason } = strokesToImage(strokes);
  if (image === null) throw new Error(`imageOf: the strokes must give an image, got none: ${reason}`);
  return image;
}

/** Draws strokes in ink on paper, large and smooth: `[side, side]` grey, 0 is ink. */
async function inkOnPaper(strokes: readonly Stroke[], side: number): Promise<Buffer> {
  return sharp(Buffer.from(imageOf(strokes)), { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .resize(side, side, { kernel: 'cubic' })
    .negate()
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

function grey(pixels: Buffer, width: number, height: number) {
  return sharp(pixels, { raw: { width, height, channels: 1 } });
}

/** Pictures of one digit as people have them: every format that browsers open, turned, coloured, see-through, a drawing of noise. */
export async function picturesOfOne(): Promise<readonly PictureFile[]> {
  const side = 240;
  const [two, five, seven, nine] = await Promise.all(
    ['two-plain', 'five-in-two-strokes', 'seven-plain', 'nine-straight'].map((variant, i) =>
      inkOnPaper(generateStrokes(variant, 11, i), side),
    ),
  );
  const coloured = await grey(two, side, side).tint('#204080').toColourspace('srgb').png().toBuffer();
  const seeThrough = await sharp({ create: { width: side, height: side, channels: 3, background: '#102030' } })
    .joinChannel(await grey(five, side, side).negate().raw().toBuffer(), {
      raw: { width: side, height: side, channels: 1 },
    })
    .png()
    .toBuffer();
  // Lies on its side in the file; its tag says how to turn it.
  const turned = await grey(seven, side, side)
    .rotate(-90)
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 92 })
    .toBuffer();
  const large = await grey(nine, side, side).resize(1500, 1500).webp({ quality: 90 }).toBuffer();
  const noise = Buffer.from(Array.from({ length: side * side }, (_, i) => (i * 7919 + ((i * i) % 251)) % 256));
  return [
    { name: 'blue.png', mimeType: 'image/png', buffer: coloured },
    { name: 'see-through.png', mimeType: 'image/png', buffer: seeThrough },
    { name: 'turned.jpg', mimeType: 'image/jpeg', buffer: turned },
    { name: 'large.webp', mimeType: 'image/webp', buffer: large },
    { name: 'moving.gif', mimeType: 'image/gif', buffer: await grey(two, side, side).gif().toBuffer() },
    { name: 'noise.png', mimeType: 'image/png', buffer: await grey(noise, side, side).png().toBuffer() },
    {
      name: 'blank.png',
      mimeType: 'image/png',
      buffer: await grey(Buffer.alloc(side * side, 250), side, side)
        .png()
        .toBuffer(),
    },
  ];
}

/** A line that crosses the middle again and again, in hundredths of a square. */
export const SCRIBBLE: Stroke = Array.from(
  { length: 60 },
  (_, i) => [50 + 38 * Math.sin(i * 2.1), 50 + 38 * Math.sin(i * 1.3)] as const,
);

/** Pictures that every decoder gives the same pixels for: opaque PNG files of a digit, a number, nothing, a scribble, an MNIST image. */
export async function picturesWithoutLoss(): Promise<readonly PictureFile[]> {
  const side = 240;
  const png = async (name: string, pixels: Buffer, size: number): Promise<PictureFile> => ({
    name,
    mimeType: 'image/png',
    buffer: await grey(pixels, size, size).toColourspace('srgb').png().toBuffer(),
  });
  return [
    await png('one-digit.png', await inkOnPaper(generateStrokes('two-plain', 11, 0), side), side),
    { ...(await pictureOfSeveral()), name: 'several-digits.png' },
    await png('blank.png', Buffer.alloc(side * side, 250), side),
    await png('scribble.png', await inkOnPaper([SCRIBBLE], side), side),
    await png('mnist-like.png', Buffer.from(imageOf(generateStrokes('nine-straight', 11, 3))), SIDE),
  ];
}

/** A picture of 2, 5 and 7 in a row. */
export async function pictureOfSeveral(): Promise<PictureFile> {
  const side = 160;
  const digits = await Promise.all(
    ['two-plain', 'five-in-two-strokes', 'seven-plain'].map((variant, i) =>
      inkOnPaper(generateStrokes(variant, 11, i), side),
    ),
  );
  const layers = await Promise.all(
    digits.map(async (pixels, i) => ({
      input: await grey(pixels, side, side).png().toBuffer(),
      left: 40 + i * (side + 30),
      top: 40,
    })),
  );
  const paper = sharp({ create: { width: 640, height: 240, channels: 3, background: '#ffffff' } });
  return { name: 'row.png', mimeType: 'image/png', buffer: await paper.composite(layers).png().toBuffer() };
}
