import { createWheel } from './steering.ts';

const PLAN = {
  epoch: 1,
  firstStep: 0,
  samples: Uint32Array.of(0, 1),
  batchSizes: Uint32Array.of(1, 1),
  learningRates: Float32Array.of(0.5, 0.25),
  averageDecays: Float32Array.of(0, 0),
};

describe('createWheel', () => {
  it('leaves plans alone until the learning rate is changed', () => {
    const wheel = createWheel();
    expect(wheel.scalePlan(PLAN)).toBe(PLAN);
    expect(wheel.hasChangedRates()).toBe(false);
    wheel.scaleLearningRate(2);
    expect([...wheel.scalePlan(PLAN).learningRates]).toEqual([1, 0.5]);
    expect(wheel.hasChangedRates()).toBe(true);
  });

  it('counts a rate that was set back before any step as unchanged', () => {
    const wheel = createWheel();
    wheel.scaleLearningRate(2);
    wheel.scaleLearningRate(1);
    wheel.scalePlan(PLAN);
    expect(wheel.hasChangedRates()).toBe(false);
  });

  it('lets a run go on only after it is resumed', async () => {
    const wheel = createWheel();
    const told: string[] = [];
    wheel.pause();
    const waiting = wheel.mayGoOn().then(() => told.push('goes on'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    told.push('resumed');
    wheel.resume();
    await waiting;
    expect(told).toEqual(['resumed', 'goes on']);
  });

  it.each([0, -1, NaN, Infinity])('refuses the factor %d', (factor) => {
    expect(() => {
      createWheel().scaleLearningRate(factor);
    }).toThrow(new RangeError(`scaleLearningRate: factor must be above 0, got ${factor}`));
  });
});
