import { planSweep } from './sweep-plan.ts';

describe('planSweep', () => {
  const space = { learningRate: [0.001, 0.003], batchSize: [64, 128, 256] };

  it('lists every combination once', () => {
    expect(planSweep(space, 100, 1)).toEqual([
      { number: 0, settings: { learningRate: 0.001, batchSize: 64 } },
      { number: 1, settings: { learningRate: 0.003, batchSize: 64 } },
      { number: 2, settings: { learningRate: 0.001, batchSize: 128 } },
      { number: 3, settings: { learningRate: 0.003, batchSize: 128 } },
      { number: 4, settings: { learningRate: 0.001, batchSize: 256 } },
      { number: 5, settings: { learningRate: 0.003, batchSize: 256 } },
    ]);
  });

  it('draws as many as asked, the same for the same seed', () => {
    const drawn = planSweep(space, 3, 1);
    expect(drawn).toHaveLength(3);
    expect(planSweep(space, 3, 1)).toEqual(drawn);
    const all = planSweep(space, 100, 1);
    for (const trial of drawn) expect(all[trial.number]).toEqual(trial);
    const draws = Array.from({ length: 20 }, (_, seed) =>
      planSweep(space, 3, seed)
        .map(({ number }) => number)
        .join(),
    );
    expect(new Set(draws).size).toBeGreaterThan(1);
  });

  it('refuses no settings and a grid that nobody can try', () => {
    expect(() => planSweep({}, 10, 1)).toThrow('sweep: --set name=value,value must be given, got none');
    const wide = { a: Array.from({ length: 1000 }, (_, i) => i), b: Array.from({ length: 101 }, (_, i) => i) };
    expect(() => planSweep(wide, 10, 1)).toThrow('sweep: --set must make at most 100000 combinations, got 101000');
  });
});
