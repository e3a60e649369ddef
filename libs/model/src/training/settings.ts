import type { AugmentationSettings } from '@digits/data';
import type { OptimizerSettings } from '../network/engine.ts';
import type { Architecture } from '../network/architecture.ts';
import type { Precision } from '../network/weights.ts';

/** Learning rate over the whole run; `learningRate` is the highest one. Both curves are half cosines. */
export type LearningRateSchedule =
  | { readonly type: 'constant'; readonly learningRate: number }
  | {
      readonly type: 'cosine';
      readonly learningRate: number;
      /** The last step's rate is learningRate / finalDivisor. */
      readonly finalDivisor: number;
    }
  | {
      readonly type: 'oneCycle';
      readonly learningRate: number;
      /** Part of the run in [0, 1) that climbs to `learningRate`. */
      readonly warmupFraction: number;
      /** The first step's rate is learningRate / initialDivisor. */
      readonly initialDivisor: number;
      /** The last step's rate is learningRate / finalDivisor. */
      readonly finalDivisor: number;
    };

/** When to stop before the last epoch. The best weights are restored in any case. */
export interface EarlyStoppingSettings {
  /** Epochs without improvement after which the run stops, at least 1. */
  readonly patience: number;
  /** How much lower the validation loss must get to count as an improvement. */
  readonly minDelta: number;
}

/** Handwriting made by `generateHandwriting` that is added to the training images, from the run's seed. */
export interface HandwritingSettings {
  /** Digits to add, at least 1. */
  readonly count: number;
  /** Factor on every variation of the hand, in [0, 2]. */
  readonly strength: number;
  /** Share in [0, 1] that is drawn on paper and prepared as a picture is. These images change whenever that preparation does. */
  readonly pictureShare: number;
  /** Share in [0, 1] of the others that gets a pen of its own: another width, faint, blurred or grainy. */
  readonly penShare: number;
}

/** Images of no digit, made by `generateNegatives` from the run's seed, that are added as one more class. */
export interface NegativesSettings {
  /** Their share of all images, in (0, 0.9], of the training and the validation split alike. */
  readonly share: number;
}

/** Everything that decides which model a training run ends with, as plain JSON; the data set and the engine aside. */
export interface TrainingConfig {
  /** The preset that it came from, or null. */
  readonly preset: string | null;
  readonly architecture: Architecture;
  /** Keys every random number of the run. */
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Images of the training set that are held out, stratified and seeded. */
  readonly validationSize: number;
  readonly optimizer: OptimizerSettings;
  readonly schedule: LearningRateSchedule;
  /** In [0, 1): the target is (1 - labelSmoothing) * oneHot + labelSmoothing / numClasses. */
  readonly labelSmoothing: number;
  /**
   * d of the weights' exponential moving average, or null for none. In step t (from 0) d is min(averageDecay, (1 + t) / (10 + t)), so
   * that the random initial weights are soon forgotten.
   */
  readonly averageDecay: number | null;
  readonly augmentation: AugmentationSettings | null;
  /** Needs images of 28x28 in ten classes, 0 to 9. */
  readonly handwriting: HandwritingSettings | null;
  /** Needs images of 28x28 and an output more than there are classes, the last. */
  readonly negatives: NegativesSettings | null;
  readonly earlyStopping: EarlyStoppingSettings | null;
  /** How kernels of the finished model are stored. Training itself is float32 throughout, whatever this says. */
  readonly precision: Precision;
}
