import type { Architecture, Layer, NamedTensor, Shape, Weights, WeightSpec } from '@digits/model';
import { weightSpecs } from '@digits/model';

/** Divisor of all channel counts in memory: the width of a kernel's tile. */
const CHANNEL_MULTIPLE = 8;

/** Layout of one image in memory: `[height, width, stride]` float32, of which the first `channels` are used and the others are 0. */
export interface ImageLayout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly stride: number;
  /** Whether it is a flat vector, in which every value is a channel. */
  readonly isFlat: boolean;
}

/** Rounds a channel count up to the count in memory. */
function paddedChannels(channels: number): number {
  return Math.ceil(channels / CHANNEL_MULTIPLE) * CHANNEL_MULTIPLE;
}

/** Returns the number of values of one image in memory. */
export function layoutSize({ height, width, stride }: ImageLayout): number {
  return height * width * stride;
}

/** Returns the size of an image in memory as `[pixels, channels]`; a vector is one pixel. */
export function lastAxis(layout: ImageLayout): { readonly pixels: number; readonly channels: number } {
  return layout.isFlat
    ? { pixels: 1, channels: layoutSize(layout) }
    : { pixels: layout.height * layout.width, channels: layout.stride };
}

/**
 * Lays out the input and each layer's output.
 *
 * The input is not padded to a multiple of channels if the first layer multiplies matrices: only the columns of a matrix
 * have to be multiples of a tile.
 *
 * @returns the input's layout, then one per layer
 */
export function imageLayouts(architecture: Architecture, shapes: readonly Shape[]): readonly ImageLayout[] {
  const [height, width, channels] = architecture.inputShape;
  const stride = startsWithMatrix(architecture) ? channels : paddedChannels(channels);
  const layouts: ImageLayout[] = [{ height, width, channels, stride, isFlat: false }];
  architecture.layers.forEach((layer, index) => {
    layouts.push(nextLayout(layer, shapes[index], layouts[index]));
  });
  return layouts;
}

function startsWithMatrix({ layers }: Architecture): boolean {
  return layers[0].type === 'conv2d' || (layers[0].type === 'flatten' && layers[1]?.type === 'dense');
}

/** A layer that keeps the shape keeps the layout, and a flattened image keeps its order in memory. */
function nextLayout(layer: Layer, shape: Shape, before: ImageLayout): ImageLayout {
  if (layer.type === 'flatten') return { ...before, isFlat: true };
  if (!multiplies(layer) && isSame(shape, before)) return before;
  const channels = shape[shape.length - 1];
  const [height, width] = shape.length === 3 ? [shape[0], shape[1]] : [1, 1];
  return { height, width, channels, stride: paddedChannels(channels), isFlat: shape.length === 1 };
}

/** Returns whether a layer multiplies matrices. */
export function multiplies(layer: Layer): layer is Extract<Layer, { type: 'conv2d' | 'dense' }> {
  return layer.type === 'conv2d' || layer.type === 'dense';
}

function isSame(shape: Shape, { height, width, channels, isFlat }: ImageLayout): boolean {
  const before = isFlat ? [height * width * channels] : [height, width, channels];
  return shape.length === before.length && shape.every((size, axis) => size === before[axis]);
}

/** Place of one weight: `[outer, innerStride, lastStride]` values in memory, of which `[outer, inner, last]` are the weight. */
export interface WeightPlace {
  readonly spec: WeightSpec;
  /** Number of bytes from the first weight. */
  readonly offset: number;
  /** Number of float32 values in memory. */
  readonly size: number;
  readonly outer: number;
  readonly inner: number;
  readonly innerStride: number;
  readonly last: number;
  readonly lastStride: number;
}

/** Places of all weights: kernels first (weight decay applies to them alone), then the other trainable ones, then moving statistics. */
export interface WeightLayout {
  /** Places in the order of `weightSpecs`. */
  readonly places: readonly WeightPlace[];
  readonly kernelBytes: number;
  readonly trainableBytes: number;
  readonly totalBytes: number;
}

/** Lays out the weights of an architecture. */
export function weightLayout(architecture: Architecture, layouts: readonly ImageLayout[]): WeightLayout {
  const specs = weightSpecs(architecture);
  const offsets = new Map<string, number>();
  let end = 0;
  const place = (isWanted: (spec: WeightSpec) => boolean): number => {
    for (const spec of specs.filter(isWanted)) {
      offsets.set(spec.name, end);
      end += 4 * memorySize(weightForm(spec, layouts));
    }
    return end;
  };
  const kernelBytes = place(({ role }) => role === 'kernel');
  const trainableBytes = place(({ role, trainable }) => trainable && role !== 'kernel');
  const totalBytes = place(({ trainable }) => !trainable);
  const places = specs.map((spec) => {
    const form = weightForm(spec, layouts);
    return { spec, offset: offsets.get(spec.name) ?? 0, size: memorySize(form), ...form };
  });
  return { places, kernelBytes, trainableBytes, totalBytes };
}

/** Copies a weight to its place in the values of all weights. */
function writeWeight(place: WeightPlace, values: Float32Array, memory: Float32Array): void {
  const { outer, inner, innerStride, last, lastStride } = place;
  let from = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++, from += last) {
      const to = place.offset / 4 + (o * innerStride + i) * lastStride;
      memory.set(values.subarray(from, from + last), to);
    }
  }
}

/** Copies a weight from its place into a new array. */
function readWeight(place: WeightPlace, memory: Float32Array): Float32Array<ArrayBuffer> {
  const { outer, inner, innerStride, last, lastStride } = place;
  const values = new Float32Array(outer * inner * last);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++, to += last) {
      const from = place.offset / 4 + (o * innerStride + i) * lastStride;
      values.set(memory.subarray(from, from + last), to);
    }
  }
  return values;
}

type WeightForm = Omit<WeightPlace, 'spec' | 'offset' | 'size'>;

function memorySize({ outer, innerStride, lastStride }: WeightForm): number {
  return outer * innerStride * lastStride;
}

function weightForm({ role, shape, layerIndex }: WeightSpec, layouts: readonly ImageLayout[]): WeightForm {
  const input = layouts[layerIndex];
  const output = layouts[layerIndex + 1];
  if (role !== 'kernel') {
    const outer = output.isFlat ? output.height * output.width : 1;
    return { outer, inner: 1, innerStride: 1, last: output.channels, lastStride: output.stride };
  }
  const outer = shape.length === 4 ? shape[0] * shape[1] : input.height * input.width;
  return { outer, inner: input.channels, innerStride: input.stride, last: output.channels, lastStride: output.stride };
}

/** Returns the values of all weights at an address. */
function view({ totalBytes }: WeightLayout, address: number, floats: Float32Array): Float32Array {
  return floats.subarray(address / 4, (address + totalBytes) / 4);
}

/** Writes weights, which must match the layout, to an address. */
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

/** Writes one part of the optimizer's memory: one tensor per trainable weight, in order. */
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

/** Returns the number of tensors in one part of the optimizer's memory. */
export function numTrainable(layout: WeightLayout): number {
  return trainablePlaces(layout).length;
}

function trainablePlaces({ places }: WeightLayout): WeightLayout['places'] {
  return places.filter(({ spec }) => spec.trainable);
}
