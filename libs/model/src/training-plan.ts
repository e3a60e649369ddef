import { shuffledIndices } from '@digits/data';
import type { StepPlan } from './engine.ts';
import { averageDecayAt, learningRateAt } from './learning-rate.ts';
import type { TrainingConfig } from './settings.ts';

/** Which steps a run takes: what depends on configuration and number of images alone. */
export interface TrainingTimetable {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  /** The order of the training images in an epoch. */
  shuffle(epoch: number): Uint32Array;
  /**
   * @param order what `shuffle` gave for the epoch
   * @param firstStep in the epoch
   * @param endStep in the epoch, not taken any more
   */
  plan(epoch: number, order: Uint32Array, firstStep: number, endStep: number): StepPlan;
}

/**
 * Lays out the steps of a run. The last batch of an epoch has what is left of the images.
 *
 * @param numImages of the training set, at least 1
 */
export function createTimetable(config: TrainingConfig, numImages: number): TrainingTimetable {
  const { batchSize, schedule, averageDecay, seed } = config;
  const stepsPerEpoch = Math.ceil(numImages / batchSize);
  const totalSteps = stepsPerEpoch * config.epochs;
  return {
    stepsPerEpoch,
    totalSteps,
    shuffle: (epoch) => shuffledIndices(numImages, seed, epoch),
    plan: (epoch, order, firstStep, endStep) => {
      const samples = order.slice(firstStep * batchSize, endStep * batchSize);
      const stepBefore = epoch * stepsPerEpoch + firstStep;
      const steps = Array.from({ length: endStep - firstStep }, (_, i) => i);
      return {
        epoch,
        firstStep: stepBefore,
        samples,
        batchSizes: Uint32Array.from(steps, (i) => Math.min(batchSize, samples.length - i * batchSize)),
        learningRates: Float32Array.from(steps, (i) => learningRateAt(schedule, stepBefore + i, totalSteps)),
        averageDecays: Float32Array.from(steps, (i) =>
          averageDecay === null ? 0 : averageDecayAt(averageDecay, stepBefore + i),
        ),
      };
    },
  };
}
