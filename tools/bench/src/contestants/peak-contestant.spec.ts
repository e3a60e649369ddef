import { peakFlopsPerIteration, peakModule } from './peak-contestant.ts';

async function instantiate(numAccumulators: number): Promise<(...values: number[]) => number> {
  const { instance } = await WebAssembly.instantiate(peakModule(numAccumulators));
  return instance.exports.run as (...values: number[]) => number;
}

describe('peakModule', () => {
  it('multiplies and adds eight times an iteration in each accumulator', async () => {
    const run = await instantiate(2);

    expect(run(1, 1, 1)).toBe(5 + 6 + 2 * 8);
    expect(run(3, 1, 1)).toBe(5 + 6 + 2 * 24);
    expect(run(1, 2, 0)).toBe((5 + 6) * 256);
  });

  it('takes more accumulators than one byte of locals could name', async () => {
    const run = await instantiate(100);

    expect(run(1, 0, 0.5)).toBe(50);
  });
});

describe('peakFlopsPerIteration', () => {
  it('counts a multiplication and an addition in each of four lanes', () => {
    expect(peakFlopsPerIteration(12)).toBe(2 * 4 * 12 * 8);
  });
});
