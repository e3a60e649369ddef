import { presetConfig } from '../training/presets.ts';
import type { Architecture } from './architecture.ts';
import { initialWeights } from './weights.ts';

const ARCHITECTURE: Architecture = {
  inputShape: [5, 5, 2],
  layers: [
    { type: 'conv2d', name: 'conv', filters: 3, kernelSize: [3, 2], strides: [1, 1], padding: 'same', useBias: true },
    { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 },
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 4, useBias: false },
  ],
};

describe('initialWeights', () => {
  it('fills each weight by its role', () => {
    const [kernel, bias, gamma, beta, mean, variance] = initialWeights(ARCHITECTURE, 1);
    expect(new Set(kernel.values).size).toBe(36);
    expect([bias, gamma, beta, mean, variance].map(({ values }) => [...values])).toEqual(
      [0, 1, 0, 0, 1].map((value) => [value, value, value]),
    );
  });

  it('draws kernels uniformly within the limits of He and, in the last layer, Glorot', () => {
    const { architecture } = presetConfig('mlp');
    const [hidden, , , , logits] = initialWeights(architecture, 3);
    for (const [values, limit] of [
      [hidden.values, Math.sqrt(6 / 784)],
      [logits.values, Math.sqrt(6 / (128 + 10))],
    ] as const) {
      const magnitudes = Array.from(values, Math.abs);
      expect(Math.max(...magnitudes.slice(0, 1280))).toBeLessThanOrEqual(Math.fround(limit));
      expect(Math.max(...magnitudes.slice(0, 1280))).toBeGreaterThan(0.99 * limit);
      const variance = magnitudes.reduce((sum, value) => sum + value ** 2, 0) / magnitudes.length;
      expect(variance / (limit ** 2 / 3)).toBeCloseTo(1, 1);
    }
  });

  it('gives the same weights for the same seed, and others for another', () => {
    expect(initialWeights(ARCHITECTURE, 9)).toEqual(initialWeights(ARCHITECTURE, 9));
    expect(initialWeights(ARCHITECTURE, 9)[0]).not.toEqual(initialWeights(ARCHITECTURE, 10)[0]);
  });

  it('gives weights that stay what they are from release to release', () => {
    expect([...initialWeights(ARCHITECTURE, 42)[0].values.slice(0, 3)]).toEqual([
      -0.5288712382316589, 0.13275246322155, -0.24250739812850952,
    ]);
  });

  it('refuses a seed that is none', () => {
    expect(() => initialWeights(ARCHITECTURE, -1)).toThrow(
      new RangeError('initialWeights: seed must be a whole number of at least 0, got -1'),
    );
  });
});
