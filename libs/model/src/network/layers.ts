import {
  readArray,
  readBoolean,
  readChoice,
  readInteger,
  readNumber,
  readObject,
  readRecord,
  readString,
  shown,
} from './json-fields.ts';
import { ARCHITECTURE_LIMITS, type Padding, type Shape, shapeSize, showShape, windowGeometry } from './shapes.ts';

/*
 * Every kind of layer, and all that the model knows of it: how it is read, what comes out, its weights, its line in the
 * table and its entry in the model file. Each is an exhaustive switch, so a new member of `Layer` is asked for in every one.
 */

/**
 * One layer, named and set as in Keras. Images are NHWC; every layer keeps the batch dimension.
 *
 * - `conv2d`: kernel `[kh, kw, in, filters]` (HWIO), bias `[filters]`; `same` pads as TensorFlow does (more after than before)
 * - `batchNormalization`: over the last axis; biased variance; moving = moving * momentum + batch * (1 - momentum)
 * - `maxPooling2d`: windows that leave the image are cut (`valid`) or padded with -infinity (`same`)
 * - `globalAveragePooling2d`: `[h, w, c]` to `[c]`
 * - `flatten`: row-major, channels fastest
 * - `dropout`: keeps with probability 1 - rate and divides what is kept by it; identity when predicting
 * - `dense`: kernel `[in, units]`, bias `[units]`
 */
export type Layer =
  | {
      readonly type: 'conv2d';
      readonly name: string;
      readonly filters: number;
      readonly kernelSize: readonly [number, number];
      readonly strides: readonly [number, number];
      readonly padding: Padding;
      readonly useBias: boolean;
    }
  | { readonly type: 'batchNormalization'; readonly name: string; readonly momentum: number; readonly epsilon: number }
  | { readonly type: 'relu'; readonly name: string }
  | {
      readonly type: 'maxPooling2d';
      readonly name: string;
      readonly poolSize: readonly [number, number];
      readonly strides: readonly [number, number];
      readonly padding: Padding;
    }
  | { readonly type: 'globalAveragePooling2d'; readonly name: string }
  | { readonly type: 'flatten'; readonly name: string }
  | { readonly type: 'dropout'; readonly name: string; readonly rate: number }
  | { readonly type: 'dense'; readonly name: string; readonly units: number; readonly useBias: boolean };

/** The name of a layer's type, as Keras has it. */
export type LayerType = Layer['type'];

/** Every type once: a record, so that the compiler asks for a missing one. */
const TYPES: Readonly<Record<LayerType, true>> = {
  conv2d: true,
  batchNormalization: true,
  relu: true,
  maxPooling2d: true,
  globalAveragePooling2d: true,
  flatten: true,
  dropout: true,
  dense: true,
};

/** Every type of layer. */
export const LAYER_TYPES = Object.keys(TYPES) as readonly LayerType[];

const PADDINGS: readonly Padding[] = ['same', 'valid'];
/** No `/`, which separates layer and weight in a weight's name; no leading `_`, which frameworks keep for themselves. */
const LAYER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const MAX_WINDOW = 1024;

/** A layer that slides windows over an image. */
type WindowLayer = Extract<Layer, { strides: readonly [number, number] }>;

/** A layer as error messages name it: `layer 3 "pool2" (maxPooling2d)`. */
export function layerTitle(layer: Layer, index: number): string {
  return `layer ${index} "${layer.name}" (${layer.type})`;
}

/**
 * Reads a layer from untrusted JSON; the result is a new object that holds nothing else.
 *
 * @param where opens every error message
 * @throws TypeError or RangeError naming the field, what it must be and what was found
 */
export function parseLayer(value: unknown, where: string): Layer {
  const type = readChoice(readRecord(value, where).type, `${where}.type`, LAYER_TYPES);
  const read = <Key extends string>(...settings: readonly Key[]) =>
    readObject(value, where, ['type', 'name', ...settings]);
  switch (type) {
    case 'conv2d': {
      const fields = read('filters', 'kernelSize', 'strides', 'padding', 'useBias');
      return {
        type,
        name: readName(fields.name, where),
        filters: readDimension(fields.filters, `${where}.filters`),
        kernelSize: readPair(fields.kernelSize, `${where}.kernelSize`),
        strides: readPair(fields.strides, `${where}.strides`),
        padding: readChoice(fields.padding, `${where}.padding`, PADDINGS),
        useBias: readBoolean(fields.useBias, `${where}.useBias`),
      };
    }
    case 'batchNormalization': {
      const fields = read('momentum', 'epsilon');
      return {
        type,
        name: readName(fields.name, where),
        momentum: readNumber(fields.momentum, `${where}.momentum`, { min: 0, max: 1, openMax: true }),
        epsilon: readNumber(fields.epsilon, `${where}.epsilon`, { min: 0, max: 1, openMin: true }),
      };
    }
    case 'maxPooling2d': {
      const fields = read('poolSize', 'strides', 'padding');
      return {
        type,
        name: readName(fields.name, where),
        poolSize: readPair(fields.poolSize, `${where}.poolSize`),
        strides: readPair(fields.strides, `${where}.strides`),
        padding: readChoice(fields.padding, `${where}.padding`, PADDINGS),
      };
    }
    case 'relu':
    case 'globalAveragePooling2d':
    case 'flatten':
      return { type, name: readName(read().name, where) };
    case 'dropout': {
      const fields = read('rate');
      const rate = readNumber(fields.rate, `${where}.rate`, { min: 0, max: 1, openMax: true });
      return { type, name: readName(fields.name, where), rate };
    }
    case 'dense': {
      const fields = read('units', 'useBias');
      return {
        type,
        name: readName(fields.name, where),
        units: readDimension(fields.units, `${where}.units`),
        useBias: readBoolean(fields.useBias, `${where}.useBias`),
      };
    }
  }
}

/**
 * Gives the shape of what a layer puts out.
 *
 * @param index place in the architecture, for error messages
 * @param input shape of what it is given
 * @throws RangeError where the layer cannot take that, with its index, its name and the shapes
 */
export function outputShape(layer: Layer, index: number, input: Shape): Shape {
  switch (layer.type) {
    case 'conv2d': {
      const [height, width] = slide(layer, index, input, layer.kernelSize);
      return [height, width, layer.filters];
    }
    case 'maxPooling2d': {
      const [height, width] = slide(layer, index, input, layer.poolSize);
      return [height, width, input[2]];
    }
    case 'batchNormalization':
    case 'relu':
    case 'dropout':
      return input;
    case 'globalAveragePooling2d':
      requireImage(layer, index, input);
      return [input[2]];
    case 'flatten':
      requireImage(layer, index, input);
      return [shapeSize(input)];
    case 'dense':
      if (input.length !== 1) {
        throw new RangeError(
          `inferShapes: ${layerTitle(layer, index)} must get a flat vector [units], got ${showShape(input)}; put a flatten or globalAveragePooling2d layer before it`,
        );
      }
      return [layer.units];
  }
}

/** What a weight is: the last part of its name. */
export type WeightRole = 'kernel' | 'bias' | 'gamma' | 'beta' | 'moving_mean' | 'moving_variance';

/** A layer's weights and their shapes, in Keras' order, for an input of this shape. */
export function layerWeights(layer: Layer, input: Shape): readonly (readonly [WeightRole, Shape])[] {
  switch (layer.type) {
    case 'conv2d': {
      const kernel = ['kernel', [...layer.kernelSize, input[2], layer.filters]] as const;
      return layer.useBias ? [kernel, ['bias', [layer.filters]]] : [kernel];
    }
    case 'dense': {
      const kernel = ['kernel', [input[0], layer.units]] as const;
      return layer.useBias ? [kernel, ['bias', [layer.units]]] : [kernel];
    }
    case 'batchNormalization': {
      const channels = [input[input.length - 1]];
      return [
        ['gamma', channels],
        ['beta', channels],
        ['moving_mean', channels],
        ['moving_variance', channels],
      ];
    }
    case 'relu':
    case 'maxPooling2d':
    case 'globalAveragePooling2d':
    case 'flatten':
    case 'dropout':
      return [];
  }
}

/** A layer's settings as the table of an architecture shows them; empty for none. */
export function describeSettings(layer: Layer): string {
  switch (layer.type) {
    case 'conv2d':
      return `${layer.filters} of ${layer.kernelSize.join('x')}${describeWindow(layer)}${layer.useBias ? '' : ', no bias'}`;
    case 'maxPooling2d':
      return `${layer.poolSize.join('x')}${describeWindow(layer)}`;
    case 'batchNormalization':
      return `momentum ${layer.momentum}, epsilon ${layer.epsilon}`;
    case 'dropout':
      return `rate ${layer.rate}`;
    case 'dense':
      return layer.useBias ? '' : 'no bias';
    case 'relu':
    case 'globalAveragePooling2d':
    case 'flatten':
      return '';
  }
}

/** A layer's class and settings in the model file, as TensorFlow.js' layers format has them. */
export function kerasSettings(layer: Layer): readonly [className: string, settings: Readonly<Record<string, unknown>>] {
  switch (layer.type) {
    case 'conv2d': {
      const window = { kernel_size: layer.kernelSize, strides: layer.strides, padding: layer.padding };
      const places = { ...window, data_format: 'channels_last', dilation_rate: [1, 1] };
      return ['Conv2D', { filters: layer.filters, ...places, activation: 'linear', use_bias: layer.useBias }];
    }
    case 'batchNormalization': {
      const { momentum, epsilon } = layer;
      return ['BatchNormalization', { axis: -1, momentum, epsilon, center: true, scale: true }];
    }
    case 'relu':
      return ['ReLU', {}];
    case 'maxPooling2d': {
      const window = { pool_size: layer.poolSize, strides: layer.strides, padding: layer.padding };
      return ['MaxPooling2D', { ...window, data_format: 'channels_last' }];
    }
    case 'globalAveragePooling2d':
      return ['GlobalAveragePooling2D', { data_format: 'channels_last' }];
    case 'flatten':
      return ['Flatten', {}];
    case 'dropout':
      return ['Dropout', { rate: layer.rate }];
    case 'dense':
      return ['Dense', { units: layer.units, activation: 'linear', use_bias: layer.useBias }];
  }
}

function readName(value: unknown, where: string): string {
  const name = readString(value, `${where}.name`, 64);
  if (!LAYER_NAME.test(name)) {
    throw new RangeError(`${where}.name must be a letter, then letters, digits, _ or -, got ${shown(name)}`);
  }
  return name;
}

function readDimension(value: unknown, where: string): number {
  return readInteger(value, where, 1, ARCHITECTURE_LIMITS.dimension);
}

function readPair(value: unknown, where: string): readonly [number, number] {
  const pair = readArray(value, where, 2, 2, (item, at) => readInteger(item, at, 1, MAX_WINDOW));
  return [pair[0], pair[1]];
}

/** `[height, width]` after sliding a window over an image. */
function slide(
  layer: WindowLayer,
  index: number,
  input: Shape,
  window: readonly [number, number],
): readonly [number, number] {
  requireImage(layer, index, input);
  const size = (axis: 0 | 1): number =>
    windowGeometry(input[axis], window[axis], layer.strides[axis], layer.padding).outputSize;
  const output = [size(0), size(1)] as const;
  if (output[0] < 1 || output[1] < 1) {
    throw new RangeError(
      `inferShapes: ${layerTitle(layer, index)} must get an image of at least [${window.join(', ')}, channels] for its ${layer.padding} windows, got ${showShape(input)}; use padding "same", a smaller window or fewer layers before it`,
    );
  }
  return output;
}

function requireImage(layer: Layer, index: number, input: Shape): void {
  if (input.length !== 3) {
    throw new RangeError(
      `inferShapes: ${layerTitle(layer, index)} must get an image [height, width, channels], got ${showShape(input)}; put it before the layer that makes vectors`,
    );
  }
}

function describeWindow({ strides, padding }: WindowLayer): string {
  return `${strides.every((stride) => stride === 1) ? '' : `, stride ${strides.join('x')}`}, ${padding}`;
}
