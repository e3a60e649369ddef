import type { OptimizerSettings } from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';
import { createTfjsEngine } from './node.ts';
import { updateWeight } from './optimizer.ts';

beforeAll(async () => {
  await createTfjsEngine({ backend: 'cpu' });
});

interface Case {
  readonly optimizer: OptimizerSettings;
  readonly weight: number;
  readonly memory: number[];
  readonly gradient: number;
  readonly isKernel?: boolean;
  readonly learningRate?: number;
  readonly step?: number;
}

/** One weight of one value, moved once. */
function move({ optimizer, weight, memory, gradient, isKernel = true, learningRate = 0.1, step = 1 }: Case) {
  return tf.tidy(() => {
    const updated = updateWeight(optimizer, {
      weight: tf.tensor1d([weight]),
      memory: memory.map((value) => tf.tensor1d([value])),
      gradient: tf.tensor1d([gradient]),
      isKernel,
      learningRate,
      step,
    });
    return {
      weight: updated.weight.dataSync()[0],
      memory: updated.memory.map((tensor) => tensor.dataSync()[0]),
    };
  });
}

function expectMoved(actual: { weight: number; memory: number[] }, weight: number, memory: number[]): void {
  expect(actual.weight).toBeCloseTo(weight, 6);
  expect(actual.memory).toHaveLength(memory.length);
  memory.forEach((value, i) => {
    expect(actual.memory[i]).toBeCloseTo(value, 6);
  });
}

describe('updateWeight', () => {
  const adam = { beta1: 0.9, beta2: 0.99, epsilon: 0.5 } as const;

  it('moves against the velocity with SGD', () => {
    const optimizer = { type: 'sgd', momentum: 0.5, nesterov: false } as const;
    // velocity 0.5 * 2 + 3 = 4; 1 - 0.1 * 4
    expectMoved(move({ optimizer, weight: 1, memory: [2], gradient: 3 }), 0.6, [4]);
  });

  it('looks ahead with Nesterov momentum', () => {
    const optimizer = { type: 'sgd', momentum: 0.5, nesterov: true } as const;
    // velocity 4; 1 - 0.1 * (3 + 0.5 * 4)
    expectMoved(move({ optimizer, weight: 1, memory: [2], gradient: 3 }), 0.5, [4]);
  });

  it('corrects the bias of the first step and adds epsilon outside the root with Adam', () => {
    const optimizer = { type: 'adam', ...adam } as const;
    // m = 0.2, v = 0.04; corrected 2 and 4; 1 - 0.1 * 2 / (2 + 0.5)
    expectMoved(move({ optimizer, weight: 1, memory: [0, 0], gradient: 2 }), 0.92, [0.2, 0.04]);
  });

  it('corrects the bias of later steps by their number with Adam', () => {
    const optimizer = { type: 'adam', ...adam } as const;
    // m = 0.18 + 0.1 = 0.28 over 0.19; v = 0.0396 + 0.01 = 0.0496 over 0.0199
    const direction = 0.28 / 0.19 / (Math.sqrt(0.0496 / 0.0199) + 0.5);
    const moved = move({ optimizer, weight: 1, memory: [0.2, 0.04], gradient: 1, step: 2 });
    expectMoved(moved, 1 - 0.1 * direction, [0.28, 0.0496]);
  });

  it('takes learningRate * weightDecay off a kernel before the Adam step with AdamW', () => {
    const optimizer = { type: 'adamw', ...adam, weightDecay: 0.2 } as const;
    // 1 * (1 - 0.1 * 0.2) - 0.08
    expectMoved(move({ optimizer, weight: 1, memory: [0, 0], gradient: 2 }), 0.9, [0.2, 0.04]);
  });

  it('never decays what is no kernel', () => {
    const optimizer = { type: 'adamw', ...adam, weightDecay: 0.2 } as const;
    expectMoved(move({ optimizer, weight: 1, memory: [0, 0], gradient: 2, isKernel: false }), 0.92, [0.2, 0.04]);
  });
});
