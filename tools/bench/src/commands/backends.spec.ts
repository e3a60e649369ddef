import type { ContestantProcess } from '../contestant-process.ts';
import type { Contestant } from '../field.ts';
import type { Course, RaceOptions } from '../race.ts';
import { climb, reportBackends } from './backends.ts';

const OPTIONS: RaceOptions = { rounds: 1, secondsASlice: 1, report: () => undefined };
const COURSES = [4, 32, 128].map((batchSize) => ({ kind: 'train', batchSize }) as unknown as Course);

/** A backend that takes so many images a second, whatever the batch, and refuses batches beyond a size. */
function backend(imagesPerSecond: number, largest = Infinity): Contestant {
  let batchSize = 0;
  const process = {
    greeting: { version: 'backend 1.0', variants: { train: [''], predict: [''] } },
    prepare: (task: { batchSize: number }) => {
      batchSize = task.batchSize;
      if (batchSize > largest) return Promise.reject(new Error('out of memory'));
      return Promise.resolve({ outcome: [1 / batchSize] });
    },
    run: () => Promise.resolve({ amount: batchSize, seconds: batchSize / imagesPerSecond, processorSeconds: 0 }),
  };
  return {
    runner: { name: 'page-cpu', kinds: ['train'], threading: 'one', commands: [] },
    threads: 1,
    process: process as unknown as ContestantProcess,
  };
}

describe('climb', () => {
  it('reaches the largest batch where steps stay short', async () => {
    expect((await climb(backend(1000), COURSES, OPTIONS))?.batchSize).toBe(128);
  });

  it('stops where the next batch would take longer than four seconds a step', async () => {
    expect((await climb(backend(9), COURSES, OPTIONS))?.batchSize).toBe(32);
    expect((await climb(backend(0.4), COURSES, OPTIONS))?.batchSize).toBe(4);
  });

  it('keeps the losses of the smallest batch, which everybody has', async () => {
    expect((await climb(backend(1000), COURSES, OPTIONS))?.losses).toEqual([0.25]);
  });

  it('keeps what went well before a batch was refused', async () => {
    expect((await climb(backend(1000, 32), COURSES, OPTIONS))?.batchSize).toBe(32);
  });

  it('gives nothing for a backend that cannot train', async () => {
    expect(await climb(backend(1000, 0), COURSES, OPTIONS)).toBeNull();
  });
});

describe('reportBackends', () => {
  it('writes a row for each backend and says who is missing', () => {
    const result = { network: 'small', batchSize: 128, imagesPerSecond: 1234.4, ratio: 1, lossDifference: 0 };
    const report = reportBackends({
      machine: { processor: 'P', cores: 2, memoryGiB: 8, platform: 'linux x64', node: 'v20.19.0' },
      versions: ['TensorFlow.js 4.22.0 wasm'],
      leftOut: ['tfjs-node: left out, no backend'],
      results: [
        { ...result, name: 'tfjs-wasm' },
        { ...result, name: 'tfjs-cpu', batchSize: 4, imagesPerSecond: 2.31, ratio: 0.00187, lossDifference: 3.4e-7 },
      ],
    });
    expect(report.split('\n').slice(3)).toEqual([
      'Training steps; ratios are to tfjs-wasm; batch 128 unless it says otherwise.',
      '',
      '| backend   | small, images/s |  ratio | losses differ by |',
      '| --------- | --------------: | -----: | ---------------: |',
      '| tfjs-wasm |           1,234 |   1.00 |                0 |',
      '| tfjs-cpu  |   2.3 (batch 4) | 0.0019 |           3.4e-7 |',
      '',
      'tfjs-node: left out, no backend',
    ]);
  });
});
