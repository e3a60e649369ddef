import type { Weights } from './weights.ts';

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

/** Where a run stands, after each few steps. */
export interface TrainingProgress {
  readonly epoch: number;
  /** Steps taken, over all epochs. */
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  readonly learningRate: number;
  /** Training images a second over the last plan, by the host's clock. */
  readonly imagesPerSecond: number;
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
