import { encodeIdx, type LabelledImages, selectImages } from '@digits/data';
import { loadDataset, SPLIT_FILES } from '@digits/data/node';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Size of a small data set. */
export interface SmallDataset {
  readonly numTrain: number;
  readonly numTest: number;
  /** Side of the images; 28 by default. */
  readonly side?: number;
  /** Number of images at the start of each split that are black. */
  readonly numBlank?: number;
}

/** Writes the first images of MNIST as a data set folder of IDX files, small enough to train on in a second. */
export async function writeSmallDataset(
  folder: string,
  { numTrain, numTest, side = 28, numBlank = 0 }: SmallDataset,
): Promise<{ train: LabelledImages; test: LabelledImages }> {
  const mnist = await loadDataset('mnist');
  const train = selectImages(
    mnist.train,
    Uint32Array.from({ length: numTrain }, (_, i) => i),
  );
  const test = selectImages(
    mnist.test,
    Uint32Array.from({ length: numTest }, (_, i) => i),
  );
  await mkdir(folder, { recursive: true });
  for (const [split, { images, labels, count }] of Object.entries({ train, test })) {
    const files = SPLIT_FILES[split as 'train' | 'test'];
    const shape = [count, side, side];
    const values = side === 28 ? images.slice() : await resizeImages(images, side);
    values.fill(0, 0, numBlank * side * side);
    await writeFile(join(folder, files.images), encodeIdx({ type: 'uint8', shape, values }));
    await writeFile(join(folder, files.labels), encodeIdx({ type: 'uint8', shape: [count], values: labels }));
  }
  return { train, test };
}

async function resizeImages(images: Uint8Array, side: number): Promise<Uint8Array> {
  const resized: Buffer[] = [];
  for (let start = 0; start < images.length; start += 784) {
    const image = sharp(images.subarray(start, start + 784), { raw: { width: 28, height: 28, channels: 1 } });
    resized.push(await image.resize(side, side).extractChannel(0).raw().toBuffer());
  }
  return Uint8Array.from(Buffer.concat(resized));
}

/** Writes images as black ink on white paper, ten times as large, into one subfolder for each label. */
export async function writePictureClasses(
  folder: string,
  { images, labels }: LabelledImages,
  classNames: readonly string[],
): Promise<void> {
  for (const name of classNames) await mkdir(join(folder, name), { recursive: true });
  for (const [i, label] of labels.entries()) {
    if (label >= classNames.length) continue;
    const pixels = images.slice(i * 784, (i + 1) * 784).map((ink) => 255 - ink);
    const picture = sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } }).resize(140, 140, {
      kernel: 'cubic',
    });
    await writeFile(join(folder, classNames[label], `${i}.png`), await picture.png().toBuffer());
  }
}
