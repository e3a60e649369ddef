import { type LabelledImages, RandomPurpose, selectImages, shuffledWithKey } from '@digits/data';
import type { TrainingData } from './data.ts';

/** One of the parts that a labelled set is cut into, as validation split, with the others to train on. */
export interface Fold extends TrainingData {
  /** Places of the validation images in the whole set, ascending. */
  readonly indices: Uint32Array;
}

/**
 * Cuts a labelled set into folds: every image is in the validation split of exactly one of them, and each class is spread evenly.
 *
 * @param set at least `numFolds` images
 * @param numFolds from 2
 * @param seed the same seed gives the same folds
 * @throws RangeError if there are more folds than images
 */
export function cutFolds(set: LabelledImages, numFolds: number, seed: number): readonly Fold[] {
  if (!Number.isInteger(numFolds) || numFolds < 2 || numFolds > set.count) {
    throw new RangeError(`cutFolds: numFolds must be a whole number from 2 to ${set.count} images, got ${numFolds}`);
  }
  const classes = Array.from({ length: set.numClasses }, (): number[] => []);
  set.labels.forEach((label, i) => classes[label].push(i));
  const foldOf = new Uint32Array(set.count);
  let next = 0;
  classes.forEach((places, site) => {
    // Dealing images to the folds in turn, across classes, keeps their sizes within one image of each other.
    for (const place of shuffledWithKey(places.length, { seed, purpose: RandomPurpose.split, site })) {
      foldOf[places[place]] = next++ % numFolds;
    }
  });
  const all = Uint32Array.from(set.labels.keys());
  return Array.from({ length: numFolds }, (_, fold) => {
    const indices = all.filter((i) => foldOf[i] === fold);
    const others = all.filter((i) => foldOf[i] !== fold);
    return { indices, train: selectImages(set, others), validation: selectImages(set, indices) };
  });
}
