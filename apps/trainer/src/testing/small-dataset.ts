import { encodeIdx, type LabelledImages, selectImages } from '@digits/data';
import { loadDataset, SPLIT_FILES } from '@digits/data/node';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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
