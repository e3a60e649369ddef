import { integerFromWord, type LabelledImages, uniformFromWord } from '@digits/data';
import type { Architecture } from '../architecture.ts';
import type { SessionSettings, StepPlan } from '../engine.ts';
import { initialWeights } from '../initial-weights.ts';
import { type Layer, LAYER_TYPES } from '../layers.ts';
import { numClassesOf } from '../shape-inference.ts';
import { shapeSize } from '../shapes.ts';
import { weightSpecs } from '../weight-specs.ts';
import type { Weights } from '../weights.ts';
import { type ContractCase, conv, dense, pool, randomWords } from './case-networks.ts';
import { casesOfLayer } from './layer-references.ts';

/** Every kind of layer at work. */
export function layerCases(): readonly ContractCase[] {
  return LAYER_TYPES.flatMap((type) => casesOfLayer(type));
}

/** Two blocks of convolution, batch normalisation, ReLU and pooling, then logits: the shape of the presets, small. */
export function smallNetwork(dropoutRate: number | null = null): Architecture {
  const dropout: Layer[] = dropoutRate === null ? [] : [{ type: 'dropout', name: 'dropout', rate: dropoutRate }];
  return {
    inputShape: [12, 11, 1],
    layers: [
      conv('conv1', 5, [3, 3], [1, 1], 'valid', false),
      { type: 'batchNormalization', name: 'bn1', momentum: 0.9, epsilon: 1e-3 },
      { type: 'relu', name: 'relu1' },
      pool([2, 2], [2, 2], 'valid'),
      conv('conv2', 8, [3, 3], [1, 1], 'same', false),
      { type: 'batchNormalization', name: 'bn2', momentum: 0.8, epsilon: 1e-3 },
      { type: 'relu', name: 'relu2' },
      { type: 'flatten', name: 'flatten' },
      ...dropout,
      dense('logits', 5),
    ],
  };
}

/** Random pixels and labels that fit an architecture. */
export function randomDataset(architecture: Architecture, count: number, seed: number): LabelledImages {
  const [height, width, channels] = architecture.inputShape;
  const numClasses = numClassesOf(architecture);
  const words = randomWords(seed, count * shapeSize(architecture.inputShape) + count);
  return {
    images: Uint8Array.from(words.subarray(count), (word) => integerFromWord(word, 256)),
    labels: Uint8Array.from(words.subarray(0, count), (word) => integerFromWord(word, numClasses)),
    count,
    height,
    width,
    channels,
    numClasses,
  };
}

/** Weights as after some training: no bias or moving statistic stands at its initial value. */
export function randomWeights(architecture: Architecture, seed: number): Weights {
  const specs = weightSpecs(architecture);
  return initialWeights(architecture, seed).map((weight, i) => {
    if (specs[i].role === 'kernel') return weight;
    const [low, high] = specs[i].role === 'gamma' || specs[i].role === 'moving_variance' ? [0.5, 1.5] : [-0.3, 0.3];
    const words = randomWords(seed + 1 + i, weight.values.length);
    return { ...weight, values: Float32Array.from(words, (word) => low + (high - low) * uniformFromWord(word)) };
  });
}

/** Settings of a session that takes plain SGD steps, so that the momentum slot after one step is the gradient. */
export function sessionSettings(architecture: Architecture, changes: Partial<SessionSettings> = {}): SessionSettings {
  return {
    seed: 7,
    batchSize: 16,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: false },
    labelSmoothing: 0,
    averageWeights: false,
    augmentation: null,
    initialWeights: randomWeights(architecture, 11),
    ...changes,
  };
}

/** A plan over the samples 0, 1, 2, ... (modulo `numSamples`), one step for each batch size. */
export function planOf(
  batchSizes: readonly number[],
  numSamples: number,
  changes: { readonly epoch?: number; readonly firstStep?: number; readonly learningRate?: number } = {},
): StepPlan {
  const { epoch = 0, firstStep = 0, learningRate = 0.05 } = changes;
  const total = batchSizes.reduce((sum, size) => sum + size, 0);
  const before = firstStep * batchSizes[0];
  return {
    epoch,
    firstStep,
    samples: Uint32Array.from({ length: total }, (_, i) => (before + i) % numSamples),
    batchSizes: Uint32Array.from(batchSizes),
    learningRates: Float32Array.from(batchSizes, (_, i) => learningRate / (1 + (firstStep + i) / 10)),
    averageDecays: Float32Array.from(batchSizes, (_, i) => 0.5 + 0.02 * i),
  };
}
