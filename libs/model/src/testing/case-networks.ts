import { fillRandomWords, integerFromWord, RandomPurpose } from '@digits/data';
import type { Architecture } from '../architecture.ts';
import { type Layer, outputShape } from '../layers.ts';
import type { Padding, Shape } from '../shapes.ts';

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
export function randomWords(seed: number, count: number): Uint32Array {
  const words = new Uint32Array(count);
  fillRandomWords({ seed, purpose: RandomPurpose.split }, words);
  return words;
}
