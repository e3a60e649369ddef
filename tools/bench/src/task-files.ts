import type { LabelledImages } from '@digits/data';
import { type Architecture, initialWeights } from '@digits/model';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskFiles } from './protocol.ts';

const SEED = 1;

/**
 * Writes what every contestant reads: a data set's images and labels, as raw bytes.
 *
 * @param folder where to; its owner removes it
 * @returns gives the files for a network, whose initial weights are written at the first call
 */
export function writeTaskFiles(folder: string, dataset: LabelledImages): (architecture: Architecture) => TaskFiles {
  const images = join(folder, 'images.bin');
  const labels = join(folder, 'labels.bin');
  writeFileSync(images, dataset.images);
  writeFileSync(labels, dataset.labels);
  const written = new Map<Architecture, TaskFiles>();
  return (architecture) => {
    const known = written.get(architecture);
    if (known !== undefined) return known;
    const tensors = initialWeights(architecture, SEED);
    const weights = join(folder, `weights-${written.size}.bin`);
    writeFileSync(weights, Buffer.concat(tensors.map(({ values }) => new Uint8Array(values.buffer))));
    const shapes = tensors.map(({ name, shape }) => ({ name, shape }));
    const files = { images, labels, numImages: dataset.count, weights, tensors: shapes };
    written.set(architecture, files);
    return files;
  };
}
