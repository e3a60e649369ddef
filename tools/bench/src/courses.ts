import type { LabelledImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { type Architecture, initialWeights } from '@digits/model';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kind, TaskFiles } from './protocol.ts';
import type { Course } from './race.ts';

/** Makes the course of a kind of work for a network and a batch size. */
export type MakeCourse = (kind: Kind, architecture: Architecture, batchSize: number) => Course;

/** The same for everybody. No distortion of the images, no averaged weights: not every contestant has them. */
const SETTINGS = {
  optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 },
  learningRate: 1e-3,
  labelSmoothing: 0.05,
} as const;

const SEED = 1;

/**
 * Lends the training images of MNIST and networks' initial weights, in files, for as long as `use` runs.
 *
 * @param use is given what makes courses
 */
export async function withCourses<T>(use: (makeCourse: MakeCourse) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'digits-bench-'));
  try {
    const filesFor = writeTaskFiles(folder, await loadSplit('mnist', 'train'));
    return await use((kind, architecture, batchSize) => {
      return { kind, architecture, batchSize, files: filesFor(architecture), ...SETTINGS };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Writes what every contestant reads: a data set's images and labels, as raw bytes.
 *
 * @param folder where to; its owner removes it
 * @returns gives the files for a network, whose initial weights are written at the first call
 */
function writeTaskFiles(folder: string, dataset: LabelledImages): (architecture: Architecture) => TaskFiles {
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
