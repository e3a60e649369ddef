import { pipe } from 'valibot';
import { BOOLEAN, choice, integer, must, pair, real, type Schema, text, type Variants, variants } from '../json.ts';
import { type Padding, type Shape, shapeSize, showShape, windowGeometry } from './shapes.ts';

/** What any architecture may ask for, so that an untrusted one cannot exhaust the machine. */
export const ARCHITECTURE_LIMITS = {
  layers: 256,
  /** Height, width, channels, filters or units. */
  dimension: 65_536,
  /** Values that one layer gives for one image. */
  activationSize: 2 ** 24,
  /** Weights of the whole network (2^25 float32 are 128 MiB). */
  parameters: 2 ** 25,
} as const;

/*
 * Every kind of layer, and all that the model knows of it: how it is read, what comes out, its weights, its line in the
 * table and its entry in the model file. Each is an exhaustive switch, so a new member of `Layer` is asked for in every one.
 */

/** Schema of a side, a number of channels or a number of units. */
export const DIMENSION = integer(1, ARCHITECTURE_LIMITS.dimension);
const WINDOW = pair(integer(1, 1024));
const PADDING = choice<Padding>(['same', 'valid']);
/** Rows above and below, then columns to the left and right. */
const PIXELS_AROUND = pair(pair(integer(0, 1024)));
/** No `/`, which separates layer and weight in a weight's name; no leading `_`, which frameworks keep for themselves. */
const LAYER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const name = pipe(
  text(64),
  must('be a letter, then letters, digits, _ or -', (value) => LAYER_NAME.test(value)),
);

/** The settings of each type of layer. */
const LAYERS = {
  conv2d: { name, filters: DIMENSION, kernelSize: WINDOW, strides: WINDOW, padding: PADDING, useBias: BOOLEAN },
  batchNormalization: { name, momentum: real(0, 1, 'max'), epsilon: real(0, 1, 'min') },
  relu: { name },
  maxPooling2d: { name, poolSize: WINDOW, strides: WINDOW, padding: PADDING },
  averagePooling2d: { name, poolSize: WINDOW, strides: WINDOW, padding: PADDING },
  zeroPadding2d: { name, padding: PIXELS_AROUND },
  upSampling2d: { name, size: WINDOW },
  add: { name, from: name },
  globalAveragePooling2d: { name },
  flatten: { name },
  dropout: { name, rate: real(0, 1, 'max') },
  dense: { name, units: DIMENSION, useBias: BOOLEAN },
};

/**
 * One layer, named and set as in Keras. Images are NHWC; every layer keeps the batch dimension.
 *
 * - `conv2d`: kernel `[kh, kw, in, filters]` (HWIO), bias `[filters]`; `same` pads as TensorFlow does (more after than before)
 * - `batchNormalization`: over the last axis; biased variance; moving = moving * momentum + batch * (1 - momentum)
 * - `maxPooling2d`: windows that leave the image are cut (`valid`) or padded with -infinity (`same`)
 * - `averagePooling2d`: the mean of the pixels of each window that are in the image, padding left out
 * - `zeroPadding2d`: `padding` `[[top, bottom], [left, right]]` zeros around the image
 * - `upSampling2d`: repeats each pixel `size[0]` times downwards and `size[1]` times to the right
 * - `add`: the sum of the image that it is given and the output of the earlier layer `from`, of the same shape
 * - `globalAveragePooling2d`: `[h, w, c]` to `[c]`
 * - `flatten`: row-major, channels fastest
 * - `dropout`: keeps with probability 1 - rate and divides what is kept by it; identity when predicting
 * - `dense`: kernel `[in, units]`, bias `[units]`
 */
export type Layer = Variants<'type', typeof LAYERS>;

/** Schema of a layer's JSON. */
export const layerSchema: Schema<Layer> = variants('type', LAYERS);

/** The name of a layer's type, as Keras has it. */
export type LayerType = Layer['type'];

/** A layer that slides windows over an image. */
type WindowLayer = Extract<Layer, { strides: readonly [number, number] }>;

/** Name of the earlier layer whose output a layer takes besides that of the layer before it, or null for none. */
export function skipSource(layer: Layer): string | null {
  return layer.type === 'add' ? layer.from : null;
}

/** A layer as error messages name it: `layer 3 "pool2" (maxPooling2d)`. */
export function layerTitle(layer: Layer, index: number): string {
  return `layer ${index} "${layer.name}" (${layer.type})`;
}

/**
 * Gives the shape of what a layer puts out.
 *
 * @param index place in the architecture, for error messages
 * @param input shape of what it is given
 * @param earlier shapes of the outputs of the layers before it, by their names
 * @throws RangeError where the layer cannot take that, with its index, its name and the shapes
 */
export function outputShape(layer: Layer, index: number, input: Shape, earlier: ReadonlyMap<string, Shape>): Shape {
  switch (layer.type) {
    case 'conv2d': {
      const [height, width] = slide(layer, index, input, layer.kernelSize);
      return [height, width, layer.filters];
    }
    case 'maxPooling2d':
    case 'averagePooling2d': {
      const [height, width] = slide(layer, index, input, layer.poolSize);
      return [height, width, input[2]];
    }
    case 'zeroPadding2d': {
      requireImage(layer, index, input);
      const [[top, bottom], [left, right]] = layer.padding;
      return [input[0] + top + bottom, input[1] + left + right, input[2]];
    }
    case 'upSampling2d':
      requireImage(layer, index, input);
      return [input[0] * layer.size[0], input[1] * layer.size[1], input[2]];
    case 'add':
      requireImage(layer, index, input);
      requireSame(layer, index, input, earlier.get(layer.from));
      return input;
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
    case 'averagePooling2d':
    case 'zeroPadding2d':
    case 'upSampling2d':
    case 'add':
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
    case 'averagePooling2d':
      return `${layer.poolSize.join('x')}${describeWindow(layer)}`;
    case 'zeroPadding2d': {
      const [[top, bottom], [left, right]] = layer.padding;
      return `top ${top}, bottom ${bottom}, left ${left}, right ${right}`;
    }
    case 'upSampling2d':
      return layer.size.join('x');
    case 'add':
      return `from ${layer.from}`;
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
    case 'maxPooling2d':
    case 'averagePooling2d': {
      const window = { pool_size: layer.poolSize, strides: layer.strides, padding: layer.padding };
      const className = layer.type === 'maxPooling2d' ? 'MaxPooling2D' : 'AveragePooling2D';
      return [className, { ...window, data_format: 'channels_last' }];
    }
    case 'zeroPadding2d':
      return ['ZeroPadding2D', { padding: layer.padding, data_format: 'channels_last' }];
    case 'upSampling2d':
      return ['UpSampling2D', { size: layer.size, data_format: 'channels_last', interpolation: 'nearest' }];
    case 'add':
      return ['Add', {}];
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

function requireSame(
  layer: Extract<Layer, { from: string }>,
  index: number,
  input: Shape,
  other: Shape | undefined,
): void {
  const rule = `inferShapes: ${layerTitle(layer, index)} must take "from" an earlier layer`;
  if (other === undefined) throw new RangeError(`${rule}, got "${layer.from}", which is none`);
  if (other.length !== input.length || other.some((size, axis) => size !== input[axis])) {
    throw new RangeError(
      `${rule} that gives ${showShape(input)}, as the layer before it does, got "${layer.from}" of ${showShape(other)}`,
    );
  }
}

function describeWindow({ strides, padding }: WindowLayer): string {
  return `${strides.every((stride) => stride === 1) ? '' : `, stride ${strides.join('x')}`}, ${padding}`;
}
