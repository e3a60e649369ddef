import { type LabelledImages, pictureToImage } from '@digits/data';
import type { cutValidation } from '@digits/model';

/** How the images of a labelled set reach the network: as they are, or as pictures that somebody took. */
export const PREPROCESSINGS = ['none', 'picture'] as const;
export type Preprocessing = (typeof PREPROCESSINGS)[number];

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** Side of the images that the picture path makes, and of MNIST's. */
const NETWORK_SIDE = 28;

/** Images of 28x28 are used as they are, others go through the picture path, unless asked otherwise. */
export function preprocessingFor(images: LabelledImages, asked: Preprocessing | undefined): Preprocessing {
  return asked ?? (images.height === NETWORK_SIDE && images.width === NETWORK_SIDE ? 'none' : 'picture');
}

/** @returns 28x28 images with `picture`, the same object with `none`; an image without ink becomes a black one */
export function preprocess(labelled: LabelledImages, preprocessing: Preprocessing): LabelledImages {
  if (preprocessing === 'none') return labelled;
  const { images, count, height, width } = labelled;
  const prepared = new Uint8Array(count * NETWORK_SIDE * NETWORK_SIDE);
  for (let i = 0; i < count; i++) {
    const data = images.subarray(i * height * width, (i + 1) * height * width);
    const { image } = pictureToImage({ data, width, height, channels: 1 });
    if (image !== null) prepared.set(image, i * NETWORK_SIDE * NETWORK_SIDE);
  }
  return { ...labelled, images: prepared, height: NETWORK_SIDE, width: NETWORK_SIDE };
}

/** How a run cuts its validation split from the training images. */
export type ValidationCut = Parameters<typeof cutValidation>[1];
