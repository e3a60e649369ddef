import {
  augment,
  type AugmentationSettings,
  type LabelledImages,
  NO_AUGMENTATION,
  randomBlock,
  RandomPurpose,
  uniformFromWord,
} from '@digits/data';
import { createImageReader, dropoutMask, type DropoutSite, gatherImages } from './batch.ts';

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

const SITE: DropoutSite = { seed: 5, epoch: 3, layerIndex: 2, rate: 0.25 };

describe('dropoutMask', () => {
  it('keeps an element where its word of the stream is at least the rate', () => {
    const mask = dropoutMask(SITE, Uint32Array.of(17), 6);
    const key = { seed: 5, epoch: 3, site: 2, sample: 17, purpose: RandomPurpose.dropout };
    const words = [...randomBlock({ ...key, block: 0 }), ...randomBlock({ ...key, block: 1 })].slice(0, 6);
    expect(Array.from(mask, (value) => value > 0)).toEqual(words.map((word) => uniformFromWord(word) >= 0.25));
  });

  it('is 0 or float32 1 / (1 - rate), the latter for about 1 - rate of the elements', () => {
    const mask = dropoutMask(SITE, Uint32Array.of(1, 2, 3, 4), 1000);
    expect([...new Set(mask)].sort()).toEqual([0, Math.fround(1 / 0.75)]);
    const kept = mask.filter((value) => value > 0).length / mask.length;
    expect(Math.abs(kept - 0.75)).toBeLessThan(0.03);
  });

  it('does not depend on the batch that a sample is in', () => {
    const pair = dropoutMask(SITE, Uint32Array.of(8, 9), 10);
    expect(pair.slice(10)).toEqual(dropoutMask(SITE, Uint32Array.of(9), 10));
  });

  it('changes with seed, epoch, layer and sample', () => {
    const mask = dropoutMask(SITE, Uint32Array.of(9), 64);
    expect(dropoutMask({ ...SITE, seed: 6 }, Uint32Array.of(9), 64)).not.toEqual(mask);
    expect(dropoutMask({ ...SITE, epoch: 4 }, Uint32Array.of(9), 64)).not.toEqual(mask);
    expect(dropoutMask({ ...SITE, layerIndex: 3 }, Uint32Array.of(9), 64)).not.toEqual(mask);
    expect(dropoutMask(SITE, Uint32Array.of(10), 64)).not.toEqual(mask);
  });
});
