import { type LabelledImages, normaliseImages } from '@digits/data';
import { numClassesOf, shapeSize, type Weights } from '@digits/model';
import { readFileSync } from 'node:fs';
import { SAMPLE_STRIDE, type Task } from '../protocol.ts';

const NUM_PREDICTED_BATCHES = 4;

/** The task's images and labels. */
export function readDataset({ architecture, files }: Task): LabelledImages {
  const [height, width, channels] = architecture.inputShape;
  return {
    images: new Uint8Array(readFileSync(files.images)),
    labels: new Uint8Array(readFileSync(files.labels)),
    count: files.numImages,
    height,
    width,
    channels,
    numClasses: numClassesOf(architecture),
  };
}

/** The task's weights, in the architecture's order. */
export function readWeights({ files }: Task): Weights {
  const bytes = readFileSync(files.weights);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let start = 0;
  return files.tensors.map(({ name, shape }) => {
    const end = start + shapeSize(shape);
    const tensor = { name, shape, values: values.slice(start, end) };
    start = end;
    return tensor;
  });
}

/** Index of the k-th sample that a contestant takes. */
export function sampleAt(k: number, numImages: number): number {
  return (k * SAMPLE_STRIDE) % numImages;
}

/**
 * The first few batches as networks take them.
 *
 * @returns arrays of `[batchSize, height, width, channels]` float32 in [0, 1]
 */
export function predictionBatches(task: Task, batchSize = task.batchSize): readonly Float32Array[] {
  const { images, count } = readDataset(task);
  const size = shapeSize(task.architecture.inputShape);
  return Array.from({ length: NUM_PREDICTED_BATCHES }, (_, batch) => {
    const pixels = new Uint8Array(batchSize * size);
    for (let i = 0; i < batchSize; i++) {
      const sample = sampleAt(batch * batchSize + i, count);
      pixels.set(images.subarray(sample * size, (sample + 1) * size), i * size);
    }
    return normaliseImages(pixels);
  });
}
