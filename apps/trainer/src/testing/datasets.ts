import { encodeIdx, type LabelledImages, selectImages } from '@digits/data';
import { loadDataset, SPLIT_FILES } from '@digits/data/node';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Writes the first images of MNIST as a data set folder, so that a training takes a second. */
export async function writeSmallDataset(
  folder: string,
  { numTrain, numTest }: { numTrain: number; numTest: number },
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
    const shape = [count, 28, 28];
    await writeFile(join(folder, files.images), encodeIdx({ type: 'uint8', shape, values: images }));
    await writeFile(join(folder, files.labels), encodeIdx({ type: 'uint8', shape: [count], values: labels }));
  }
  return { train, test };
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
