import { fillRandomWords, integerFromWord, type LabelledImages, RandomPurpose, uniformFromWord } from '@digits/data';
import {
  type Architecture,
  initialWeights,
  type Layer,
  LAYER_TYPES,
  numClassesOf,
  outputShape,
  type Padding,
  type SessionSettings,
  type Shape,
  shapeSize,
  type StepPlan,
  type Weights,
  weightSpecs,
} from '@digits/model';
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

/** A network that shows one layer at work, and the batch that it is tried on. */
export interface ContractCase {
  readonly title: string;
  readonly architecture: Architecture;
  readonly batchSize: number;
}

/** Rows and columns. */
export type Pair = readonly [number, number];

/** Layers that work on images: a convolution in front, so that the gradient by their input is seen too, and logits behind. */
export function imageCase(
  title: string,
  inputShape: readonly [number, number, number],
  stemFilters: number,
  layers: readonly Layer[],
  batchSize: number,
): ContractCase {
  const tried = [conv('stem', stemFilters, [3, 3], [1, 1], 'same', false), ...layers];
  const output = tried.reduce<Shape>((shape, layer, index) => outputShape(layer, index, shape), inputShape);
  const flatten: Layer[] = output.length === 1 ? [] : [{ type: 'flatten', name: 'flatten' }];
  return { title, architecture: { inputShape, layers: [...tried, ...flatten, dense('logits', 5)] }, batchSize };
}

/** Layers that work on vectors, between dense ones. */
export function vectorCase(title: string, units: number, layers: readonly Layer[], batchSize: number): ContractCase {
  const stem: readonly Layer[] = [{ type: 'flatten', name: 'flatten' }, dense('stem', units, false)];
  return {
    title,
    architecture: { inputShape: [5, 7, 1], layers: [...stem, ...layers, dense('logits', 3)] },
    batchSize,
  };
}

/** A convolution. */
export function conv(
  name: string,
  filters: number,
  kernelSize: Pair,
  strides: Pair,
  padding: Padding,
  useBias: boolean,
): Layer {
  return { type: 'conv2d', name, filters, kernelSize, strides, padding, useBias };
}

/** Maxima over windows. */
export function pool(poolSize: Pair, strides: Pair, padding: Padding): Layer {
  return { type: 'maxPooling2d', name: 'pool', poolSize, strides, padding };
}

/** A dense layer. */
export function dense(name: string, units: number, useBias = true): Layer {
  return { type: 'dense', name, units, useBias };
}

/** As in `[2, 3]`. */
export function showPair(pair: Pair): string {
  return `[${pair.join(', ')}]`;
}

/** Draws whole numbers in [min, max], one after the other. */
export function createDraw(seed: number): (min: number, max: number) => number {
  const words = randomWords(seed, 1024);
  let next = 0;
  return (min, max) => min + integerFromWord(words[next++], max - min + 1);
}

/** The same words for the same seed. */
function randomWords(seed: number, count: number): Uint32Array {
  const words = new Uint32Array(count);
  fillRandomWords({ seed, purpose: RandomPurpose.split }, words);
  return words;
}
