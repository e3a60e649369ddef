import type { SpeedResults } from '../results.ts';
import { reportSpeed } from './speed-report.ts';

const RESULTS: SpeedResults = {
  machine: { processor: 'Some CPU', cores: 2, memoryGiB: 8, platform: 'linux x64', node: 'v20.0.0' },
  clock: 'wall',
  versions: ['engine-simd', 'PyTorch 1.13.0'],
  leftOut: ['onnxruntime: left out, it is not installed'],
  peak: [{ threads: 1, gigaflops: 58.7 }],
  races: [
    {
      kind: 'train',
      network: 'small',
      batchSize: 32,
      flops: 3_800_000,
      lanes: [
        { name: 'engine-simd', threads: 1, setup: '', imagesPerSecond: 12_345, gigaflops: 46.9, shareOfPeak: 0.8, rates: [12_345] },
        { name: 'pytorch', threads: 1, setup: 'channels_last', imagesPerSecond: 6000, gigaflops: 22.8, shareOfPeak: 0.39, rates: [6000] },
      ], // prettier-ignore
    },
  ],
  latencies: [{ network: 'small', results: [{ name: 'engine-simd', medianMs: 0.0251, p99Ms: 0.1 }] }],
  layers: [{ kind: 'train', network: 'small', layer: 'conv1', gigaflops: 30.2, shareOfPeak: 0.51, shareOfTime: 0.25 }],
};

describe('reportSpeed', () => {
  it('writes Markdown tables with the machine and who was left out', () => {
    const goals = [{ what: 'faster', bound: 'at least', limit: 1.5, value: 2.06, reached: true } as const];

    expect(reportSpeed(RESULTS, goals).split('\n').filter((line) => line !== '')).toEqual([
      '## Speed',
      'Measured by `npm run bench` on Some CPU, 2 cores, 8 GiB, linux x64, Node v20.0.0; tools/bench/README.md says how. Contestants: engine-simd; PyTorch 1.13.0.',
      'Peak of 128-bit multiplication and addition in WebAssembly, GFLOP/s: 59 on one thread.',
      'onnxruntime: left out, it is not installed',
      '### Training, small: 3.8 MFLOP an image',
      'Images a second (GFLOP/s, share of the peak on as many threads), then how many times as fast engine-simd is on as many threads.',
      '|             | threads |                      batch 32 | ratio |',
      '| ----------- | ------: | ----------------------------: | ----: |',
      '| engine-simd |       1 |              12,345 (47, 80%) |       |',
      '| pytorch     |       1 | 6,000 (23, 39%) channels_last |  2.06 |',
      '### One prediction, small, one thread',
      '|             | median, ms | 99th percentile, ms |',
      '| ----------- | ---------: | ------------------: |',
      '| engine-simd |      0.025 |               0.100 |',
      '### Layer by layer: Training, small, engine-simd on one thread',
      '|       | GFLOP/s | of the peak | of the time |',
      '| ----- | ------: | ----------: | ----------: |',
      '| conv1 |      30 |         51% |         25% |',
      '### Goals',
      '|        |   is |       must be | reached |',
      '| ------ | ---: | ------------: | ------: |',
      '| faster | 2.06 | at least 1.50 |     yes |',
    ]); // prettier-ignore
  });
});
