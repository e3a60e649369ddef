import { NUM_STARTING, planGrid, proposeSettings, type TrialResult } from './sampler.ts';
import { parseDomain, parseSpace, type Space, type TrialSettings } from './space.ts';

function spaceOf(texts: Readonly<Record<string, string>>): Space {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parseDomain(text, name)]));
}

describe('planGrid', () => {
  const space = spaceOf({ learningRate: '0.001,0.003', batchSize: '64,128,256' });

  it('lists every combination once', () => {
    expect(planGrid(space, 100, 1)).toEqual([
      { number: 0, settings: { learningRate: 0.001, batchSize: 64 } },
      { number: 1, settings: { learningRate: 0.003, batchSize: 64 } },
      { number: 2, settings: { learningRate: 0.001, batchSize: 128 } },
      { number: 3, settings: { learningRate: 0.003, batchSize: 128 } },
      { number: 4, settings: { learningRate: 0.001, batchSize: 256 } },
      { number: 5, settings: { learningRate: 0.003, batchSize: 256 } },
    ]);
  });

  it('draws as many as asked, the same for the same seed', () => {
    const drawn = planGrid(space, 3, 1);
    expect(drawn).toHaveLength(3);
    expect(planGrid(space, 3, 1)).toEqual(drawn);
    const all = planGrid(space, 100, 1);
    for (const trial of drawn) expect(all[trial.number]).toEqual(trial);
    const draws = Array.from({ length: 20 }, (_, seed) =>
      planGrid(space, 3, seed)
        .map(({ number }) => number)
        .join(),
    );
    expect(new Set(draws).size).toBeGreaterThan(1);
  });

  it('does not repeat a combination for a setting that it leaves out', () => {
    const conditional = parseSpace('{"type":["sgd","adam"],"momentum":{"values":[0.5,0.9],"when":{"type":"sgd"}}}', '');
    expect(planGrid(conditional, 100, 1).map(({ settings }) => settings)).toEqual([
      { type: 'sgd', momentum: 0.5 },
      { type: 'adam' },
      { type: 'sgd', momentum: 0.9 },
    ]);
  });

  it('refuses a range, and a grid that is too large', () => {
    expect(() => planGrid(spaceOf({ x: '0..1' }), 10, 1)).toThrow(
      'sweep: --strategy grid must have a list of values for x, got a range; add :points=N to it',
    );
    const values = (count: number) => Array.from({ length: count }, (_, i) => i).join();
    expect(() => planGrid(spaceOf({ a: values(1000), b: values(101) }), 10, 1)).toThrow(
      'sweep: a grid must make at most 100000 combinations, got 101000',
    );
  });
});

const SPACE = spaceOf({ rate: '1e-5..1:log', size: '1..100:int', type: 'a,b,c' });

/** A valley whose floor is at rate 0.01, size 30 and type b. */
function lossOf({ rate, size, type }: TrialSettings): number {
  return (Math.log10(Number(rate)) + 2) ** 2 / 4 + ((Number(size) - 30) / 50) ** 2 + (type === 'b' ? 0 : 0.3);
}

function search(strategy: 'random' | 'tpe', seed: number, numTrials: number): readonly TrialResult[] {
  const results: TrialResult[] = [];
  for (let trial = 0; trial < numTrials; trial++) {
    const tried = results.map((result) => result.settings);
    const settings = proposeSettings({ space: SPACE, strategy, seed, trial }, tried, results);
    if (settings === null) break;
    results.push({ settings, score: { accuracy: -lossOf(settings), loss: 0 } });
  }
  return results;
}

const bestLoss = (results: readonly TrialResult[]) => Math.min(...results.map(({ settings }) => lossOf(settings)));

describe('proposeSettings', () => {
  it('gives the same proposals for the same space, seed and results, and others for another seed', () => {
    expect(search('tpe', 5, 20)).toEqual(search('tpe', 5, 20));
    expect(search('tpe', 6, 1)).not.toEqual(search('tpe', 5, 1));
  });

  it('never changes: a sweep that is resumed by a later version goes on as it began', () => {
    const proposals = search('tpe', 1, 14).map(({ settings }) => settings);
    expect([...proposals.slice(0, 2), ...proposals.slice(-2)]).toEqual([
      { rate: 0.01602, size: 69, type: 'a' },
      { rate: 0.02541, size: 14, type: 'a' },
      { rate: 0.0006171, size: 33, type: 'b' },
      { rate: 0.0001802, size: 39, type: 'b' },
    ]);
  });

  it('draws the first ones as random does', () => {
    expect(search('tpe', 7, NUM_STARTING)).toEqual(search('random', 7, NUM_STARTING));
  });

  it('gets nearer to the best than random draws with tpe', () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const [random, tpe] = (['random', 'tpe'] as const).map((strategy) =>
      seeds.map((seed) => bestLoss(search(strategy, seed, 50))),
    );
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(tpe)).toBeLessThan(mean(random) / 2);
    expect(tpe.filter((loss, i) => loss < random[i]).length).toBeGreaterThanOrEqual(9);
  });

  it('keeps away from what failed', () => {
    const rates = spaceOf({ rate: '0..1' });
    const results = Array.from({ length: 40 }, (_, i): TrialResult => {
      const rate = (i + 0.5) / 40;
      return { settings: { rate }, score: rate > 0.5 ? null : { accuracy: 0.9, loss: 0.1 } };
    });
    const proposed = Array.from({ length: 20 }, (_, i) =>
      proposeSettings({ space: rates, strategy: 'tpe', seed: 1, trial: 40 + i }, [], results),
    );
    expect(proposed.filter((settings) => Number(settings?.rate) > 0.5)).toEqual([]);
  });

  it('does not propose anything twice, and nothing when all is tried', () => {
    const small = spaceOf({ a: '1,2', b: '1,2' });
    const tried: TrialSettings[] = [];
    for (let trial = 0; trial < 4; trial++) {
      const settings = proposeSettings({ space: small, strategy: 'random', seed: 2, trial }, tried, []);
      if (settings !== null) tried.push(settings);
    }
    expect(new Set(tried.map((settings) => JSON.stringify(settings))).size).toBe(4);
    expect(proposeSettings({ space: small, strategy: 'random', seed: 2, trial: 4 }, tried, [])).toBeNull();
  });
});
