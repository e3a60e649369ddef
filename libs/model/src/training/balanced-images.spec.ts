import type { LabelledImages } from '@digits/data';
import { balanceClasses } from './balanced-images.ts';

/** One-pixel images, all different, with the given number of images per class. */
function imagesOf(...counts: readonly number[]): LabelledImages {
  const labels = Uint8Array.from(counts.flatMap((count, label) => new Array<number>(count).fill(label)));
  return {
    images: labels.map((_, i) => i),
    labels,
    count: labels.length,
    height: 1,
    width: 1,
    channels: 1,
    numClasses: counts.length,
  };
}

describe('balanceClasses', () => {
  it('draws every class equally often, and as many images as the set has', () => {
    const { images, drawEpoch } = balanceClasses(imagesOf(20, 3, 0, 8), 1);
    for (const epoch of [0, 1, 7]) {
      const labels = Array.from(drawEpoch(epoch), (index) => images.labels[index]);
      expect([0, 1, 2, 3].map((label) => labels.filter((one) => one === label).length)).toEqual([11, 10, 0, 10]);
    }
  });

  it('keeps the images where they are and copies those of the small classes, all about equally often', () => {
    const { images } = balanceClasses(imagesOf(20, 3, 7), 1);
    expect(Array.from(images.images.subarray(0, 30))).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(Array.from(images.images.subarray(30))).toEqual([20, 21, 22, 20, 21, 22, 20, 23, 24, 25]);
    expect(Array.from(images.labels.subarray(30))).toEqual([1, 1, 1, 1, 1, 1, 1, 2, 2, 2]);
  });

  it('draws no image twice in an epoch, and reaches all images of a large class in time', () => {
    const { drawEpoch } = balanceClasses(imagesOf(40, 2), 1);
    const seen = new Set<number>();
    for (let epoch = 0; epoch < 12; epoch++) {
      const drawn = drawEpoch(epoch);
      expect(new Set(drawn).size).toBe(42);
      drawn.forEach((index) => seen.add(index));
    }
    // 40 + 2 stored images and 19 copies of the small class.
    expect(seen.size).toBe(61);
  });

  it('depends on seed and epoch alone', () => {
    const draw = (seed: number, epoch: number) => Array.from(balanceClasses(imagesOf(20, 3), seed).drawEpoch(epoch));
    expect(draw(1, 0)).toEqual(draw(1, 0));
    expect(draw(1, 0)).not.toEqual(draw(1, 1));
    expect(draw(1, 0)).not.toEqual(draw(2, 0));
  });
});
