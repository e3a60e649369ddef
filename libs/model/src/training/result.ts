import { fields, type Fields, FINITE, integer, type Schema } from '../json.ts';
import type { Weights } from '../network/weights.ts';

const EPOCH_SUMMARY = {
  /** Counted from 1. */
  epoch: integer(1),
  trainLoss: FINITE,
  /** Share of images, or of pixels times channels, that were answered correctly. */
  trainAccuracy: FINITE,
  /** Mean cross-entropy of the validation split against the targets as trained (label smoothing included), of the averaged weights where there are any. */
  validationLoss: FINITE,
  validationAccuracy: FINITE,
  /** Learning rate of the epoch's last step. */
  learningRate: FINITE,
  /** Duration of training and validation by the host's clock: for display, no result depends on it. */
  seconds: FINITE,
};

/** What one epoch gave. Training figures are of the batches as the network saw them (dropout and augmentation on). */
export type EpochSummary = Fields<typeof EPOCH_SUMMARY>;

/** Schema of a summary's JSON. */
export const epochSummarySchema: Schema<EpochSummary> = fields(EPOCH_SUMMARY);

/** Progress of a run, reported every few steps. */
export interface TrainingProgress {
  /** Current epoch, counted from 1. */
  readonly epoch: number;
  /** Number of epochs of the whole run. */
  readonly numEpochs: number;
  /** Number of steps taken, over all epochs. */
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Number of training images. */
  readonly numSamples: number;
  /** Number of training images that this epoch has used so far. */
  readonly numSamplesDone: number;
  /** Mean loss over the epoch so far. */
  readonly loss: number;
  /** Accuracy on the training images over the epoch so far. */
  readonly accuracy: number;
  /** Learning rate of the last step. */
  readonly learningRate: number;
  /** Training images per second over the last plan, by the host's clock. */
  readonly imagesPerSecond: number;
  /** Time that the remaining steps take at this rate. */
  readonly secondsLeft: number;
}

/** Weights with the validation loss that chose them. */
export interface BestWeights {
  /** Counted from 1. */
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
  /** Epoch that gave the weights, counted from 1; null if no epoch was completed. */
  readonly bestEpoch: number | null;
  readonly history: readonly EpochSummary[];
  readonly stopped: StopReason;
  /** Steps taken, over all epochs. */
  readonly steps: number;
}

/** Thrown if the loss is no longer finite. Only the checkpoints of the run are worth keeping. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';
  /** Counted from 1 over all epochs. */
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
