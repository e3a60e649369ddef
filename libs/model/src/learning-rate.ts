import { portableCos } from '@digits/data';
import type { LearningRateSchedule } from './settings.ts';

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
