/**
 * Why a random number is drawn. Each purpose has its own stream, so that adding one never shifts another.
 * Values are part of the reproducibility contract: append, never renumber.
 */
export const RandomPurpose = {
  initialWeights: 1,
  split: 2,
  shuffle: 3,
  dropout: 4,
  affine: 5,
  elastic: 6,
  strokeWidth: 7,
  erasing: 8,
  madeHandwriting: 9,
} as const;

export type RandomPurpose = (typeof RandomPurpose)[keyof typeof RandomPurpose];

/** Names one block of four random uint32: a function of these numbers alone, never of the order of drawing. */
export interface RandomKey {
  /** A safe integer of at least 0. */
  readonly seed: number;
  readonly purpose: RandomPurpose;
  /** Where in the network, for purposes that occur more than once (dropout: the layer's index); else 0. */
  readonly site?: number;
  readonly epoch?: number;
  /** Index of the sample in the training set. */
  readonly sample?: number;
  /** Which block of the stream. */
  readonly block?: number;
}
