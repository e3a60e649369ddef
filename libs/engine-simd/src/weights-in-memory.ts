import type { NamedTensor, Weights } from '@digits/model';
import { readWeight, type WeightLayout, writeWeight } from './program/layout.ts';

/** All weights at an address, as the kernels see them. */
function view({ totalBytes }: WeightLayout, address: number, floats: Float32Array): Float32Array {
  return floats.subarray(address / 4, (address + totalBytes) / 4);
}

/** Writes weights, which must be those of the layout, to an address. */
export function writeWeights(layout: WeightLayout, weights: Weights, address: number, floats: Float32Array): void {
  const memory = view(layout, address, floats);
  layout.places.forEach((place, i) => {
    writeWeight(place, weights[i].values, memory);
  });
}

/** Reads all weights from an address. */
export function readWeights(layout: WeightLayout, address: number, floats: Float32Array): Weights {
  const memory = view(layout, address, floats);
  return layout.places.map((place) => ({
    name: place.spec.name,
    shape: place.spec.shape,
    values: readWeight(place, memory),
  }));
}

/** Writes one part of the optimizer's memory: a tensor for each trainable weight, in order. */
export function writeSlot(
  layout: WeightLayout,
  tensors: readonly NamedTensor[],
  address: number,
  floats: Float32Array,
): void {
  const memory = floats.subarray(address / 4, (address + layout.trainableBytes) / 4);
  trainablePlaces(layout).forEach((place, i) => {
    writeWeight(place, tensors[i].values, memory);
  });
}

/** Reads one part of the optimizer's memory; names are `<prefix>/<weight>`. */
export function readSlot(
  layout: WeightLayout,
  prefix: string,
  address: number,
  floats: Float32Array,
): readonly NamedTensor[] {
  const memory = floats.subarray(address / 4, (address + layout.trainableBytes) / 4);
  return trainablePlaces(layout).map((place) => ({
    name: `${prefix}/${place.spec.name}`,
    shape: place.spec.shape,
    values: readWeight(place, memory),
  }));
}

/** Number of tensors in one part of the optimizer's memory. */
export function numTrainable(layout: WeightLayout): number {
  return trainablePlaces(layout).length;
}

function trainablePlaces({ places }: WeightLayout): WeightLayout['places'] {
  return places.filter(({ spec }) => spec.trainable);
}
