import type { Slice } from '../protocol.ts';
import { reportMemory, watchMemory } from './memory.ts';

const MIB = 2 ** 20;

/** A process that takes 50 steps of 10 images a slice and is as large as the next of `sizes`, the last for good. */
function training(...sizes: number[]): { run: () => Promise<Slice> } {
  let highest = 0;
  return {
    run: () => {
      const size = (sizes.length > 1 ? sizes.shift() : sizes[0]) ?? 0;
      highest = Math.max(highest, size);
      return Promise.resolve({
        amount: 500,
        seconds: 1,
        processorSeconds: 1,
        residentBytes: size * MIB,
        maxResidentBytes: highest * MIB,
      });
    },
  };
}

const OPTIONS = { batchSize: 10, steps: 100, progress: () => {} };

describe('watchMemory', () => {
  it('counts growth from the hundredth step on', async () => {
    expect(await watchMemory(training(150, 200, 205, 203), OPTIONS)).toEqual({
      samples: [
        { step: 50, residentMiB: 150 },
        { step: 100, residentMiB: 200 },
        { step: 150, residentMiB: 205 },
        { step: 200, residentMiB: 203 },
      ],
      maxResidentMiB: 205,
      growthMiB: 3,
      reached: true,
    });
  });

  it('does not accept a process that grows', async () => {
    expect(await watchMemory(training(100, 100, 110, 120), OPTIONS)).toMatchObject({ growthMiB: 20, reached: false });
  });

  it('does not accept a process that was too large once', async () => {
    expect(await watchMemory(training(600, 100), OPTIONS)).toMatchObject({ maxResidentMiB: 600, reached: false });
  });
});

describe('reportMemory', () => {
  it('says what was measured and what it must be', () => {
    const machine = { processor: 'P', cores: 2, memoryGiB: 8, platform: 'linux x64', node: 'v20.0.0' };
    const samples = [{ step: 1100, residentMiB: 200 }];
    const work = { machine, network: 'fast', batchSize: 128, threads: 2, samples };

    expect(reportMemory({ ...work, maxResidentMiB: 210.4, growthMiB: 0.04, reached: true })).toBe(
      'Training fast on 60,000 images, batch 128, threads: 2, 1100 steps: at most 210 MiB resident (must be below 500), ' +
        '0.0 MiB more at the end than after 100 steps (must be below 16): reached.',
    );
  });
});
