import { presetConfig } from '../training/presets.ts';
import type { Architecture } from './architecture.ts';
import { countParameters, initialWeights, optimizerSlotSpecs, weightSpecs } from './weight-specs.ts';

const ARCHITECTURE: Architecture = {
  inputShape: [5, 5, 2],
  layers: [
    { type: 'conv2d', name: 'conv', filters: 3, kernelSize: [3, 2], strides: [1, 1], padding: 'same', useBias: true },
    { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 },
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 4, useBias: false },
  ],
};

describe('weightSpecs', () => {
  it("lists weights layer by layer, each layer's as in Keras", () => {
    expect(weightSpecs(ARCHITECTURE).map(({ name, shape, trainable }) => [name, shape, trainable])).toEqual([
      ['conv/kernel', [3, 2, 2, 3], true],
      ['conv/bias', [3], true],
      ['bn/gamma', [3], true],
      ['bn/beta', [3], true],
      ['bn/moving_mean', [3], false],
      ['bn/moving_variance', [3], false],
      ['logits/kernel', [75, 4], true],
    ]);
  });
});

describe('countParameters', () => {
  it('counts moving statistics as not trainable', () => {
    expect(countParameters(ARCHITECTURE)).toEqual({ total: 351, trainable: 345 });
  });
});

describe('optimizerSlotSpecs', () => {
  it('lists a momentum for each trainable weight', () => {
    const slots = optimizerSlotSpecs(ARCHITECTURE, { type: 'sgd', momentum: 0, nesterov: false });
    expect(slots.map(({ name }) => name)).toEqual([
      'momentum/conv/kernel',
      'momentum/conv/bias',
      'momentum/bn/gamma',
      'momentum/bn/beta',
      'momentum/logits/kernel',
    ]);
  });

  it('lists all first moments before all second ones', () => {
    const slots = optimizerSlotSpecs(ARCHITECTURE, { type: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-7 });
    expect(slots).toHaveLength(10);
    expect(slots[4]).toEqual({ name: 'm/logits/kernel', shape: [75, 4] });
    expect(slots[5]).toEqual({ name: 'v/conv/kernel', shape: [3, 2, 2, 3] });
  });
});

const INITIALISED_ARCHITECTURE: Architecture = {
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
    const [kernel, bias, gamma, beta, mean, variance] = initialWeights(INITIALISED_ARCHITECTURE, 1);
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
    expect(initialWeights(INITIALISED_ARCHITECTURE, 9)).toEqual(initialWeights(INITIALISED_ARCHITECTURE, 9));
    expect(initialWeights(INITIALISED_ARCHITECTURE, 9)[0]).not.toEqual(initialWeights(INITIALISED_ARCHITECTURE, 10)[0]);
  });

  it('gives weights that stay what they are from release to release', () => {
    expect([...initialWeights(INITIALISED_ARCHITECTURE, 42)[0].values.slice(0, 3)]).toEqual([
      -0.5288712382316589, 0.13275246322155, -0.24250739812850952,
    ]);
  });

  it('refuses a seed that is none', () => {
    expect(() => initialWeights(INITIALISED_ARCHITECTURE, -1)).toThrow(
      new RangeError('initialWeights: seed must be a whole number of at least 0, got -1'),
    );
  });
});
