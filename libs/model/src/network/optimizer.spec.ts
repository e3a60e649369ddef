import type { Architecture } from './architecture.ts';
import { optimizerSlotSpecs } from './optimizer.ts';

const ARCHITECTURE: Architecture = {
  inputShape: [5, 5, 2],
  layers: [
    { type: 'conv2d', name: 'conv', filters: 3, kernelSize: [3, 2], strides: [1, 1], padding: 'same', useBias: true },
    { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 },
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 4, useBias: false },
  ],
};

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
