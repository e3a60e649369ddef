import { augment, type AugmentationSettings, type LabelledImages, NO_AUGMENTATION } from '@digits/data';
import { createImageReader, gatherImages } from './batch.ts';

const DATASET: LabelledImages = {
  images: Uint8Array.of(0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6),
  labels: Uint8Array.of(0, 1),
  count: 2,
  height: 2,
  width: 3,
  channels: 1,
  numClasses: 2,
};

const SHIFT: AugmentationSettings = {
  ...NO_AUGMENTATION,
  affine: { rotation: 10, scale: 0.1, shear: 0.1, translation: 1 },
};

describe('gatherImages', () => {
  it('normalises the images of the samples, in their order', () => {
    const batch = gatherImages(createImageReader(DATASET, null, 1), Uint32Array.of(1, 0), 6, 0);
    const expected = [1 / 255, 2 / 255, 3 / 255, 4 / 255, 5 / 255, 6 / 255, 0, 0.2, 0.4, 0.6, 0.8, 1];
    expect(batch).toEqual(Float32Array.from(expected));
  });

  it('distorts each image as augment does, keyed by seed, epoch and sample', () => {
    const batch = gatherImages(createImageReader(DATASET, SHIFT, 9), Uint32Array.of(1), 6, 4);
    const key = { seed: 9, epoch: 4, sample: 1 };
    const distorted = augment(DATASET.images.subarray(6, 12), { height: 2, width: 3 }, SHIFT, key);
    expect(batch).toEqual(Float32Array.from(distorted, (pixel) => pixel / 255));
  });
});

describe('createImageReader', () => {
  it('refuses to distort images of several channels', () => {
    const coloured = { ...DATASET, width: 1, channels: 3 };
    expect(() => createImageReader(coloured, SHIFT, 1)).toThrow(
      'createTrainingSession: augmentation must be null for images of 3 channels, got settings; only images of one channel can be distorted',
    );
  });
});
