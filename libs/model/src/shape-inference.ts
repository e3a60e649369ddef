import type { Architecture, Layer, Padding, Shape } from './architecture.ts';

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

/** How windows lie along one axis. */
export interface WindowGeometry {
  readonly outputSize: number;
  /** Positions before the image's first; what is missing after its last follows from the sizes. */
  readonly padBefore: number;
}

/**
 * Places windows along one axis as TensorFlow does.
 *
 * @param inputSize pixels along the axis
 * @param windowSize kernel or pool size along the axis
 * @param stride pixels from one window to the next
 * @returns `valid`: only windows inside the image, which may be 0; `same`: ceil(inputSize / stride) windows, the smaller half of the padding before
 * @see https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
export function windowGeometry(
  inputSize: number,
  windowSize: number,
  stride: number,
  padding: Padding,
): WindowGeometry {
  switch (padding) {
    case 'valid':
      return { outputSize: Math.max(0, Math.floor((inputSize - windowSize) / stride) + 1), padBefore: 0 };
    case 'same': {
      const outputSize = Math.ceil(inputSize / stride);
      const total = Math.max((outputSize - 1) * stride + windowSize - inputSize, 0);
      return { outputSize, padBefore: Math.floor(total / 2) };
    }
  }
}

/**
 * Gives the shape of what each layer puts out, without the batch dimension.
 *
 * @returns one shape a layer, in the architecture's order
 * @throws RangeError where a layer cannot take what it is given (with its index, its name and both shapes), where the
 * last layer is not a `dense` one, or where sizes go beyond {@link ARCHITECTURE_LIMITS}
 */
export function inferShapes(architecture: Architecture): readonly Shape[] {
  const shapes: Shape[] = [];
  let shape: Shape = architecture.inputShape;
  architecture.layers.forEach((layer, index) => {
    shape = outputShape(layer, index, shape);
    const size = shapeSize(shape);
    if (size > ARCHITECTURE_LIMITS.activationSize) {
      throw new RangeError(
        `inferShapes: ${layerTitle(layer, index)} must give at most ${ARCHITECTURE_LIMITS.activationSize} values an image, got ${showShape(shape)}`,
      );
    }
    shapes.push(shape);
  });
  const last = architecture.layers.at(-1);
  if (last?.type !== 'dense') {
    throw new RangeError(
      `inferShapes: the last layer must be dense (its outputs are the logits), got ${last === undefined ? 'no layers' : layerTitle(last, shapes.length - 1)}`,
    );
  }
  return shapes;
}

/** Number of classes: the units of the last layer. */
export function numClassesOf(architecture: Architecture): number {
  const last = architecture.layers.at(-1);
  if (last?.type !== 'dense') throw new RangeError('numClassesOf: the last layer must be dense');
  return last.units;
}

/** Number of values in a tensor of this shape; 1 for `[]`. */
export function shapeSize(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** As in `[28, 28, 1]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** A layer as error messages name it: `layer 3 "pool2" (maxPooling2d)`. */
export function layerTitle(layer: Layer, index: number): string {
  return `layer ${index} "${layer.name}" (${layer.type})`;
}

function outputShape(layer: Layer, index: number, input: Shape): Shape {
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

/** `[height, width]` after sliding a window over an image. */
function slide(
  layer: Extract<Layer, { strides: readonly [number, number] }>,
  index: number,
  input: Shape,
  window: readonly [number, number],
): [number, number] {
  requireImage(layer, index, input);
  const size = (axis: 0 | 1): number =>
    windowGeometry(input[axis], window[axis], layer.strides[axis], layer.padding).outputSize;
  const output: [number, number] = [size(0), size(1)];
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
