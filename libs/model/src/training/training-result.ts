import type { LabelledImages } from '@digits/data';
import type { TrainingState } from '../network/engine.ts';
import { shown } from '../network/json-fields.ts';
import { concatBytes, sha256, type Weights } from '../network/weights.ts';
import type { TrainingConfig } from './settings.ts';

/** What one epoch gave. Training figures are of the batches as the network saw them (dropout and augmentation on). */
export interface EpochSummary {
  /** Counted from 0. */
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  /** Mean cross-entropy of the validation split against the targets as trained (label smoothing included), of the averaged weights where there are any. */
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Training and validation, by the host's clock: for display, no result depends on it. */
  readonly seconds: number;
}

/** Where a run is, after each few steps. */
export interface TrainingProgress {
  /** Counted from 0. */
  readonly epoch: number;
  readonly numEpochs: number;
  /** Steps taken, over all epochs. */
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Training images of an epoch, and how many of them this epoch has seen. */
  readonly numSamples: number;
  readonly numSamplesDone: number;
  /** Means over the training images of the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Training images per second over the last plan, by the host's clock. */
  readonly imagesPerSecond: number;
  /** Time left for the steps of all epochs at that rate, validation aside. */
  readonly secondsLeft: number;
}

/** Weights with the validation loss that chose them. */
export interface BestWeights {
  readonly epoch: number;
  readonly validationLoss: number;
  readonly weights: Weights;
}

/** Why a run ended. */
export type StopReason = 'completed' | 'earlyStopping' | 'aborted';

/** What a run leaves. */
export interface TrainingResult {
  /** Those of the epoch with the lowest validation loss; the latest ones where no epoch was completed. */
  readonly weights: Weights;
  /** Null where no epoch was completed. */
  readonly bestEpoch: number | null;
  readonly history: readonly EpochSummary[];
  readonly stopped: StopReason;
  /** Steps taken, over all epochs. */
  readonly steps: number;
}

/** A loss that is no number any more; nothing of the run is worth keeping but its checkpoints. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';
  /** Counted from 0 over all epochs. */
  readonly step: number;
  readonly learningRate: number;

  constructor(loss: number, step: number, learningRate: number) {
    super(
      `train: loss must be finite, got ${loss} in step ${step} with learning rate ${learningRate}; lower the learning rate or lengthen its warm-up`,
    );
    this.step = step;
    this.learningRate = learningRate;
  }
}

/** Everything that the rest of a run depends on, the images aside; taken between two steps. */
export interface TrainingCheckpoint {
  readonly config: TrainingConfig;
  /** Of the labels that were trained and validated on, in their order: resuming on other data is refused. */
  readonly datasetSha256: string;
  readonly epoch: number;
  /** Steps of the epoch that are taken. */
  readonly stepInEpoch: number;
  /** Sum over the epoch's images so far. */
  readonly lossSum: number;
  /** Sum over the epoch's images so far. */
  readonly numCorrect: number;
  /** Spent on the epoch so far. */
  readonly seconds: number;
  readonly history: readonly EpochSummary[];
  readonly best: BestWeights | null;
  readonly patience: Patience;
  readonly state: TrainingState;
}

/** What early stopping remembers. */
export interface Patience {
  /** The loss that was last an improvement by `minDelta`; null before the first epoch's end. */
  readonly validationLoss: number | null;
  readonly epochsWaited: number;
}

/**
 * Tells data sets apart by their labels, which is cheap and misses only changes of pixels.
 *
 * @returns 64 hexadecimal digits
 */
export function datasetFingerprint(train: LabelledImages, validation: LabelledImages): string {
  const counts = new TextEncoder().encode(`${train.count} ${validation.count} `);
  return sha256(concatBytes([counts, train.labels, validation.labels]));
}

/**
 * Checks that a run can go on from a checkpoint.
 *
 * @throws RangeError naming the first setting that differs, or when the data are others
 */
export function checkResumable(checkpoint: TrainingCheckpoint, config: TrainingConfig, datasetSha256: string): void {
  for (const key of Object.keys(config) as (keyof TrainingConfig)[]) {
    const [then, now] = [JSON.stringify(checkpoint.config[key]), JSON.stringify(config[key])];
    if (then !== now) {
      throw new RangeError(
        `train: ${key} must be as in the checkpoint, ${shown(checkpoint.config[key])}, got ${shown(config[key])}; start a new run for other settings`,
      );
    }
  }
  if (checkpoint.datasetSha256 !== datasetSha256) {
    throw new RangeError(
      `train: labels must be those of the checkpoint (SHA-256 ${checkpoint.datasetSha256.slice(0, 12)}...), got others (${datasetSha256.slice(0, 12)}...); resume with the same data set and split`,
    );
  }
}
