import { portableCos, shuffledIndices } from '@digits/data';
import type { StepPlan } from '../network/engine.ts';
import type { LearningRateSchedule, TrainingConfig } from './settings.ts';

/**
 * Gives the learning rate of one step; the same bits everywhere, as no host cosine is used.
 *
 * @param step counted from 0 over all epochs
 * @param totalSteps steps of the whole run, at least 1
 * @returns float32
 * @throws RangeError when step is not in [0, totalSteps)
 * @example
 * ```ts
 * learningRateAt({ type: 'cosine', learningRate: 0.5, finalDivisor: 2 }, 0, 11); // 0.5
 * learningRateAt({ type: 'cosine', learningRate: 0.5, finalDivisor: 2 }, 10, 11); // 0.25
 * ```
 */
export function learningRateAt(schedule: LearningRateSchedule, step: number, totalSteps: number): number {
  if (!Number.isInteger(step) || step < 0 || step >= totalSteps) {
    throw new RangeError(`learningRateAt: step must be a whole number in [0, ${totalSteps}), got ${step}`);
  }
  const highest = schedule.learningRate;
  const progress = totalSteps === 1 ? 0 : step / (totalSteps - 1);
  switch (schedule.type) {
    case 'constant':
      return Math.fround(highest);
    case 'cosine':
      return Math.fround(halfCosine(highest, highest / schedule.finalDivisor, progress));
    case 'oneCycle': {
      const { warmupFraction, initialDivisor, finalDivisor } = schedule;
      if (progress < warmupFraction) {
        return Math.fround(halfCosine(highest / initialDivisor, highest, progress / warmupFraction));
      }
      const fall = (progress - warmupFraction) / (1 - warmupFraction);
      return Math.fround(halfCosine(highest, highest / finalDivisor, fall));
    }
  }
}

/**
 * Gives d of the weights' moving average in one step: min(averageDecay, (1 + step) / (10 + step)).
 *
 * @param step counted from 0 over all epochs
 * @returns float32
 */
export function averageDecayAt(averageDecay: number, step: number): number {
  return Math.fround(Math.min(averageDecay, (1 + step) / (10 + step)));
}

/** From `start` to `end` as `t` goes from 0 to 1, flat at both ends. */
function halfCosine(start: number, end: number, t: number): number {
  return end + (start - end) * 0.5 * (1 + portableCos(Math.PI * t));
}

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
 * @param numImages of an epoch, at least 1
 * @param drawEpoch draws the images of an epoch if not all are used in each
 */
export function createTimetable(
  config: TrainingConfig,
  numImages: number,
  drawEpoch = (epoch: number) => shuffledIndices(numImages, config.seed, epoch),
): TrainingTimetable {
  const { batchSize, schedule, averageDecay } = config;
  const stepsPerEpoch = Math.ceil(numImages / batchSize);
  const totalSteps = stepsPerEpoch * config.epochs;
  return {
    stepsPerEpoch,
    totalSteps,
    shuffle: drawEpoch,
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
