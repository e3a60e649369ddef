/** `[height, width, channels]` of one image, or `[units]` of one flat vector: never with the batch dimension. */
export type Shape = readonly number[];

/** What a window does at the edges, as in Keras: `same` pads with zeros so that stride 1 keeps the size, `valid` stays inside. */
export type Padding = 'same' | 'valid';

/** How windows lie along one axis. */
interface WindowGeometry {
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

/** Number of values in a tensor of this shape; 1 for `[]`. */
export function shapeSize(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** As in `[28, 28, 1]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
