import {
  type AugmentationSettings,
  type Augmenter,
  createAugmenter,
  fillRandomWords,
  PIXEL_SCALE,
  RandomPurpose,
  uniformFromWord,
} from '@digits/data';
import type { TrainingImages } from '@digits/model';

/** Returns the uint8 pixels of one image as the input of the network in that epoch. */
export type ImageReader = (sample: number, epoch: number) => Uint8Array;

/**
 * Creates a reader of a training set's images. With `augmentation` it distorts them differently for every sample and epoch.
 *
 * @throws RangeError if a setting is out of range, or images to be distorted have several channels
 */
export function createImageReader(
  dataset: TrainingImages,
  augmentation: AugmentationSettings | null,
  seed: number,
): ImageReader {
  const { images, height, width, channels } = dataset;
  const size = height * width * channels;
  if (augmentation === null) return (sample) => images.subarray(sample * size, (sample + 1) * size);
  if (channels !== 1) {
    throw new RangeError(
      `createTrainingSession: augmentation must be null for images of ${channels} channels, got settings; only images of one channel can be distorted`,
    );
  }
  const distort: Augmenter = createAugmenter(augmentation, { height, width });
  return (sample, epoch) => distort(images.subarray(sample * size, (sample + 1) * size), { seed, epoch, sample });
}

/**
 * Gathers a batch from a training set.
 *
 * @param samples indices into the set
 * @param size number of values of one image
 * @returns `[samples.length, h, w, c]` float32 in [0, 1], in the order of `samples`
 */
export function gatherImages(read: ImageReader, samples: Uint32Array, size: number, epoch: number): Float32Array {
  const batch = new Float32Array(samples.length * size);
  samples.forEach((sample, row) => {
    const pixels = read(sample, epoch);
    for (let i = 0; i < size; i++) batch[row * size + i] = pixels[i] / PIXEL_SCALE;
  });
  return batch;
}

/** Key of a dropout mask, except for the samples. */
export interface DropoutSite {
  readonly seed: number;
  readonly epoch: number;
  readonly layerIndex: number;
  readonly rate: number;
}

/**
 * Draws the dropout mask of a batch. Element e of a sample is kept if the uniform number of word e % 4 of block
 * floor(e / 4) of its stream is at least the rate. The mask is the same in every engine and every batch.
 *
 * @param samples index of each image in the training set
 * @param size number of values of one image at this layer
 * @returns `[samples.length, size]` float32: 0 if dropped, 1 / (1 - rate) if kept
 */
export function dropoutMask(site: DropoutSite, samples: Uint32Array, size: number): Float32Array {
  const { seed, epoch, layerIndex, rate } = site;
  const kept = Math.fround(1 / (1 - rate));
  const mask = new Float32Array(samples.length * size);
  const words = new Uint32Array(size);
  samples.forEach((sample, row) => {
    fillRandomWords({ seed, purpose: RandomPurpose.dropout, site: layerIndex, epoch, sample }, words);
    for (let e = 0; e < size; e++) mask[row * size + e] = uniformFromWord(words[e]) >= rate ? kept : 0;
  });
  return mask;
}
