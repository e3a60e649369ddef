import { type Layer, type NamedTensor, type Shape, windowGeometry } from '@digits/model';

/*
 * ONNX and PyTorch want the channels of an image before its rows, and flatten it in that order; we have them last.
 */

/** Zeros, or for maxima nothing, around an image: rows above, columns to the left, rows below, columns to the right. */
export type Pads = readonly [top: number, left: number, bottom: number, right: number];

/** Works out what the windows of a layer need around its input `[height, width, channels]`. */
export function windowPads(
  [height, width]: Shape,
  [windowHeight, windowWidth]: readonly [number, number],
  { strides, padding }: Pick<Extract<Layer, { type: 'conv2d' }>, 'strides' | 'padding'>,
): Pads {
  const axis = (size: number, window: number, stride: number): readonly [number, number] => {
    const { outputSize, padBefore } = windowGeometry(size, window, stride, padding);
    const total = padding === 'same' ? Math.max((outputSize - 1) * stride + window - size, 0) : 0;
    return [padBefore, total - padBefore];
  };
  const [top, bottom] = axis(height, windowHeight, strides[0]);
  const [left, right] = axis(width, windowWidth, strides[1]);
  return [top, left, bottom, right];
}

/** Turns the kernel of a convolution from `[rows, columns, in, out]` to `[out, in, rows, columns]`. */
export function kernelChannelsFirst({ name, shape, values }: NamedTensor): NamedTensor {
  const [rows, columns, depth, filters] = shape;
  const turned = new Float32Array(values.length);
  for (let place = 0; place < rows * columns; place++) {
    for (let channel = 0; channel < depth; channel++) {
      for (let filter = 0; filter < filters; filter++) {
        turned[(filter * depth + channel) * rows * columns + place] =
          values[(place * depth + channel) * filters + filter];
      }
    }
  }
  return { name, shape: [filters, depth, rows, columns], values: turned };
}

/**
 * Reorders a weight whose first axis are the values of a flattened image.
 *
 * @param flattened `[height, width, channels]` of the image
 */
export function featuresChannelsFirst({ name, shape, values }: NamedTensor, flattened: Shape): NamedTensor {
  const [height, width, channels] = flattened;
  const row = values.length / shape[0];
  const reordered = new Float32Array(values.length);
  for (let place = 0; place < height * width; place++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (place * channels + channel) * row;
      reordered.set(values.subarray(from, from + row), (channel * height * width + place) * row);
    }
  }
  return { name, shape, values: reordered };
}
