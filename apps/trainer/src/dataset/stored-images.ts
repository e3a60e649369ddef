import { type LabelledImages, mnistLikePixels, type Picture, selectImages } from '@digits/data';
import { type InkDetector, prepareImage } from '@digits/reader';
import { withInk } from './ink.ts';

/** Side of the images that the preprocessing of pictures makes, and of MNIST's. */
export const NETWORK_SIDE = 28;

/** Labelled images of 28x28, and how many of the stored images gave none. */
export interface PreparedImages {
  readonly labelled: LabelledImages;
  /** Number of images in which no digit was found; they are not part of `labelled`. */
  readonly numUnread: number;
}

/**
 * Brings the images of a set to 28x28 as `predict` does with pictures. Whether ink is darker or lighter than paper is decided for the
 * whole set, because a small image that a digit fills may look either way. Tight crops get a margin of paper.
 *
 * @param labelled `[n, height, width]` uint8 grey, of any size
 * @throws Error if no image of the set shows a digit
 */
export async function prepareStoredImages(labelled: LabelledImages): Promise<PreparedImages> {
  const { images, count, height, width } = labelled;
  const isDark = hasDarkInk(labelled);
  const prepared = new Uint8Array(count * NETWORK_SIDE * NETWORK_SIDE);
  const read: number[] = [];
  await withInk(async (ink) => {
    for (let i = 0; i < count; i++) {
      const data = images.subarray(i * height * width, (i + 1) * height * width);
      const image = await prepareStored({ data: isDark ? inverted(data) : data, width, height, channels: 1 }, ink);
      if (image === null) continue;
      prepared.set(image, i * NETWORK_SIDE * NETWORK_SIDE);
      read.push(i);
    }
  });
  if (read.length === 0) {
    throw new Error(
      `--dataset must hold images with a digit on them, got ${count} of ${height}x${width} in which none is found`,
    );
  }
  const all = { ...labelled, images: prepared, height: NETWORK_SIDE, width: NETWORK_SIDE };
  return {
    labelled: read.length === count ? all : selectImages(all, Uint32Array.from(read)),
    numUnread: count - read.length,
  };
}

/**
 * Decides whether the ink of a set is darker than its paper. Each image votes: its border is mostly paper, even if the digit touches
 * it, so paper is on the border's side of the image's mean.
 */
export function hasDarkInk({ images, count, height, width }: LabelledImages): boolean {
  let votes = 0;
  for (let i = 0; i < count; i++) {
    const pixels = images.subarray(i * height * width, (i + 1) * height * width);
    votes += Math.sign(meanOf(borderOf(pixels, width, height)) - meanOf(pixels));
  }
  return votes > 0;
}

/** @param picture light ink on dark paper */
async function prepareStored(
  picture: Picture & { readonly data: Uint8Array },
  ink: InkDetector,
): Promise<Uint8Array | null> {
  const asItIs = mnistLikePixels(picture);
  if (asItIs !== null) return asItIs;
  return (await prepareImage(withMargin(picture), ink)).image;
}

/** Share of the longer side that is added on each side. */
const MARGIN = 1 / 4;

/** Turns light ink on dark paper into dark ink on light paper, and adds a margin of that paper. */
function withMargin({ data, width, height }: Picture & { readonly data: Uint8Array }): Picture {
  const margin = Math.ceil(MARGIN * Math.max(width, height));
  const larger = { width: width + 2 * margin, height: height + 2 * margin };
  const border = borderOf(data, width, height).sort();
  const pixels = new Uint8Array(larger.width * larger.height).fill(255 - border[border.length >> 1]);
  for (let y = 0; y < height; y++) {
    pixels.set(inverted(data.subarray(y * width, (y + 1) * width)), (y + margin) * larger.width + margin);
  }
  return { data: pixels, ...larger, channels: 1 };
}

function borderOf(pixels: Uint8Array, width: number, height: number): Uint8Array {
  return pixels.filter((_, i) => {
    const x = i % width;
    return x === 0 || x === width - 1 || i < width || i >= width * (height - 1);
  });
}

function inverted(pixels: Uint8Array): Uint8Array {
  return pixels.map((value) => 255 - value);
}

function meanOf(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
