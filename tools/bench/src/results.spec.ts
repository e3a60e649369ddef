import { findGoals, type LaneResult, type RaceResult, type SpeedResults } from './results.ts';

const NOTHING: SpeedResults = {
  machine: { processor: 'P', cores: 2, memoryGiB: 8, platform: 'linux x64', node: 'v20.0.0' },
  clock: 'wall',
  versions: [],
  leftOut: [],
  peak: [],
  races: [],
  latencies: [],
  layers: [],
};

function lane(name: string, threads: number, rates: readonly number[]): LaneResult {
  return { name, threads, setup: '', imagesPerSecond: rates[1], gigaflops: 0, shareOfPeak: 0, rates };
}

function raceOf(kind: RaceResult['kind'], lanes: readonly LaneResult[]): SpeedResults {
  return { ...NOTHING, races: [{ kind, network: 'small', batchSize: 128, flops: 1, lanes }] };
}

describe('findGoals', () => {
  it('compares rounds of a training race pairwise', () => {
    const results = raceOf('train', [
      lane('engine-simd', 1, [100, 50, 100]),
      lane('engine-simd', 2, [190, 95, 200]),
      lane('pytorch', 2, [100, 50, 200]),
      lane('tfjs-wasm', 1, [10, 5, 10]),
    ]);

    expect(findGoals(results, 2)).toEqual([
      { what: 'training small, batch 128: as fast as pytorch at its best', bound: 'at least', limit: 1.5, value: 1.9, reached: true },
      { what: 'training small, batch 128: as fast as tfjs-wasm', bound: 'at least', limit: 25, value: 19, reached: false },
      { what: 'training small, batch 128: two threads as fast as one', bound: 'at least', limit: 1.85, value: 1.9, reached: true },
    ]); // prettier-ignore
  });

  it('compares predictions thread by thread with TensorFlow.js and at their best with ONNX Runtime', () => {
    const results = raceOf('predict', [
      lane('engine-simd', 1, [40, 40, 40]),
      lane('engine-simd', 2, [70, 70, 70]),
      lane('tfjs-wasm', 1, [10, 10, 10]),
      lane('onnxruntime', 2, [140, 140, 140]),
    ]);

    expect(findGoals(results, 2).map(({ value, reached }) => [value, reached])).toEqual([
      [4, true],
      [0.5, false],
    ]);
  });

  it('compares the time of one prediction, which must be small', () => {
    const results = [
      { name: 'engine-simd', medianMs: 0.03, p99Ms: 0.1 },
      { name: 'tfjs-wasm', medianMs: 0.3, p99Ms: 1 },
      { name: 'onnxruntime', medianMs: 0.015, p99Ms: 0.1 },
    ];

    const goals = findGoals({ ...NOTHING, latencies: [{ network: 'small', results }] }, 2);

    expect(goals.map(({ bound, reached }) => [bound, reached])).toEqual([
      ['at most', true],
      ['at most', false],
    ]);
  });

  it('has none where peers are missing', () => {
    expect(findGoals(raceOf('predict', [lane('engine-simd', 1, [1, 1, 1])]), 1)).toEqual([]);
  });
});
