import type { LearningRateSchedule } from './settings.ts';
import { averageDecayAt, learningRateAt } from './timetable.ts';

describe('learningRateAt', () => {
  it('keeps a constant rate, as float32', () => {
    expect(learningRateAt({ type: 'constant', learningRate: 0.1 }, 3, 10)).toBe(Math.fround(0.1));
  });

  it('falls along half a cosine', () => {
    const schedule: LearningRateSchedule = { type: 'cosine', learningRate: 0.5, finalDivisor: 2 };
    const rates = [0, 5, 10].map((step) => learningRateAt(schedule, step, 11));
    expect(rates).toEqual([0.5, 0.375, 0.25]);
  });

  it('climbs, then falls in one cycle', () => {
    const schedule: LearningRateSchedule = {
      type: 'oneCycle',
      learningRate: 1,
      warmupFraction: 0.25,
      initialDivisor: 4,
      finalDivisor: 8,
    };
    const rates = [0, 1, 2, 5, 8].map((step) => learningRateAt(schedule, step, 9));
    expect(rates).toEqual([0.25, 0.625, 1, 0.5625, 0.125]);
  });

  it('starts at the highest rate without a warm-up, and in a run of one step', () => {
    const schedule = { type: 'oneCycle', learningRate: 1, initialDivisor: 4, finalDivisor: 8 } as const;
    expect(learningRateAt({ ...schedule, warmupFraction: 0 }, 0, 9)).toBe(1);
    expect(learningRateAt({ type: 'cosine', learningRate: 1, finalDivisor: 8 }, 0, 1)).toBe(1);
  });

  it('refuses a step beyond the run', () => {
    expect(() => learningRateAt({ type: 'constant', learningRate: 0.1 }, 10, 10)).toThrow(
      new RangeError('learningRateAt: step must be a whole number in [0, 10), got 10'),
    );
  });
});

describe('averageDecayAt', () => {
  it('warms up to the decay', () => {
    const decays = [0, 8, 100_000].map((step) => averageDecayAt(0.999, step));
    expect(decays).toEqual([0.1, 0.5, 0.999].map(Math.fround));
  });
});
