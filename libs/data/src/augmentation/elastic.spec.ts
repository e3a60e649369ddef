import { randomBlock } from '../randomness/random.ts';
import { cubicWeights, elasticField, elasticGrid } from './elastic.ts';

describe('cubicWeights', () => {
  it('passes through the grid points', () => {
    const { points, weights } = cubicWeights(5, 3);

    expect([...points.subarray(0, 4)]).toEqual([0, 0, 1, 2]);
    expect([...weights.subarray(0, 4)]).toEqual([0, 4096, 0, 0]);
    expect([...points.subarray(8, 12)]).toEqual([0, 1, 2, 2]);
    expect([...weights.subarray(8, 12)]).toEqual([0, 4096, 0, 0]);
    expect([...points.subarray(16)]).toEqual([1, 2, 2, 2]);
    expect([...weights.subarray(16)]).toEqual([0, 4096, 0, 0]);
  });

  it('weighs -1/16, 9/16, 9/16 and -1/16 half way', () => {
    expect([...cubicWeights(5, 3).weights.subarray(4, 8)]).toEqual([-256, 2304, 2304, -256]);
  });

  it('sums to 1 everywhere', () => {
    const { weights } = cubicWeights(28, 5);

    for (let x = 0; x < 28; x++) {
      expect(weights.subarray(4 * x, 4 * x + 4).reduce((sum, weight) => sum + weight, 0)).toBe(4096);
    }
  });

  it('takes a single pixel', () => {
    expect([...cubicWeights(1, 2).weights]).toEqual([0, 4096, 0, 0]);
  });
});

describe('elasticGrid', () => {
  it('draws x and y of each point from consecutive words', () => {
    const key = { seed: 1, purpose: 6, epoch: 2, sample: 3 };
    const words = [0, 1].flatMap((block) => [...randomBlock({ ...key, block })]);
    const expected = words.map((word) => Math.floor(2.5 * (Math.floor(word / 256) / 2 ** 23 - 1) * 4096 + 0.5));

    expect([...elasticGrid({ displacement: 2.5, gridSize: 2 }, key)]).toEqual(expected);
  });
});

describe('elasticField', () => {
  it('is even where the grid is', () => {
    const grid = Int32Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? 4096 : -2048));
    const weights = cubicWeights(6, 3);

    const { dx, dy } = elasticField(grid, weights, weights);

    expect([...dx]).toEqual(Array(36).fill(256));
    expect([...dy]).toEqual(Array(36).fill(-128));
  });

  it('interpolates between the grid points', () => {
    // x displacements of 0, 2 and 4 pixels from left to right, y displacements of 1 pixel in the last row.
    const grid = Int32Array.of(0, 0, 8192, 0, 16384, 0, 0, 0, 8192, 0, 16384, 0, 0, 4096, 8192, 4096, 16384, 4096);

    const { dx, dy } = elasticField(grid, cubicWeights(5, 3), cubicWeights(3, 3));

    // Half way at the border, where the first point counts twice: -1/16 * 0 + 9/16 * 0 + 9/16 * 2 - 1/16 * 4 pixels.
    expect([...dx]).toEqual([0, 224, 512, 800, 1024, 0, 224, 512, 800, 1024, 0, 224, 512, 800, 1024]);
    expect([...dy]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 256, 256, 256, 256, 256]);
  });
});
