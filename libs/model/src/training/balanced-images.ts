import { type LabelledImages, RandomPurpose, selectImages, shuffledIndices, shuffledWithKey } from '@digits/data';

/** Training images from which each epoch draws every class equally often. */
export interface BalancedImages {
  /** All images in their order, then copies of those of the small classes: at most as many again. */
  readonly images: LabelledImages;
  /**
   * Draws the images of an epoch: as many as the set had without copies.
   *
   * @param epoch counted from 0
   * @returns shuffled indices into `images`, each at most once
   */
  readonly drawEpoch: (epoch: number) => Uint32Array;
}

/**
 * Balances the classes of a training set. A class with more images than its share gives other ones in each epoch. A class with fewer gives
 * all of them and copies, which are distorted differently because they have an index of their own.
 *
 * @param set at least 1 image
 * @param seed decides which images an epoch draws, and their order
 */
export function balanceClasses(set: LabelledImages, seed: number): BalancedImages {
  const pools = Array.from({ length: set.numClasses }, (): number[] => []);
  set.labels.forEach((label, i) => pools[label].push(i));
  const numPresent = pools.filter(({ length }) => length > 0).length;
  const copied: number[] = [];
  let numEarlier = 0;
  const quotas = pools.map((pool) => {
    if (pool.length === 0) return 0;
    const quota = Math.floor((set.count + numPresent - 1 - numEarlier++) / numPresent);
    const numStored = pool.length;
    while (pool.length < quota) {
      copied.push(pool[pool.length % numStored]);
      pool.push(set.count + copied.length - 1);
    }
    return quota;
  });
  return {
    images: selectImages(set, [...set.labels.keys(), ...copied]),
    drawEpoch: (epoch) => {
      const drawn = pools.flatMap((pool, label) => {
        // Site 0 is the order of the whole epoch.
        const key = { seed, epoch, purpose: RandomPurpose.shuffle, site: label + 1 };
        return Array.from(shuffledWithKey(pool.length, key).subarray(0, quotas[label]), (place) => pool[place]);
      });
      return shuffledIndices(drawn.length, seed, epoch).map((place) => drawn[place]);
    },
  };
}
