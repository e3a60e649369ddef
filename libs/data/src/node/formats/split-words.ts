import type { StoredSplitName } from '../stored-dataset.ts';

/** What splits are called, in lower case. */
export const SPLIT_WORDS: Readonly<Record<string, StoredSplitName>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
};

/** The splits in the order in which they are read. */
export const SPLIT_ORDER: readonly StoredSplitName[] = ['train', 'validation', 'test'];

/** Cuts a name into its words, in lower case: `mnist_train-images.npy` into mnist, train, images and npy. */
export function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** Returns the split that a name contains as a word (`mnist_train.csv`, `x_val`), or null. */
export function splitOfName(name: string): StoredSplitName | null {
  const word = wordsOf(name).find((candidate) => Object.hasOwn(SPLIT_WORDS, candidate));
  return word === undefined ? null : SPLIT_WORDS[word];
}

/** Whether a name is that of a split and nothing else. */
export function isSplitName(name: string): boolean {
  return Object.hasOwn(SPLIT_WORDS, name.toLowerCase());
}
