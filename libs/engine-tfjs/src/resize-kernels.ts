import * as tf from '@tensorflow/tfjs-core';
import { type KernelCall, replaceKernel } from './kernels.ts';

type Size4 = [number, number, number, number];

/** Attributes that TensorFlow.js passes to the kernels of a nearest-neighbour resize. */
interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

const registered = new Set<string>();

/**
 * Makes nearest-neighbour enlargements by whole factors exact on a backend.
 *
 * - `ResizeNearestNeighbor` divides in floating point: rows of factor 49 are wrong on `cpu`, those of 41 on `wasm`
 * - `ResizeNearestNeighborGrad` is wrong on `cpu` for batches of several images
 *
 * @param backendName an initialised backend
 */
export function registerResizeKernels(backendName: string): void {
  if (registered.has(backendName)) return;
  registered.add(backendName);
  replaceKernel(backendName, 'ResizeNearestNeighbor', repeatPixels);
  replaceKernel(backendName, 'ResizeNearestNeighborGrad', sumRepeatedPixels);
}

/**
 * Repeats rows and columns.
 *
 * @returns `[n, h * rows, w * columns, c]`, or null if the factors are not whole
 */
function repeatPixels({ inputs, attrs }: KernelCall): tf.Tensor | null {
  const images = inputs.images as tf.Tensor4D;
  const [height, width] = (attrs as { readonly size: [number, number] }).size;
  const factors = wholeFactors(images.shape, [height, width], attrs);
  if (factors === null) return null;
  const [rows, columns] = factors;
  const [n, h, w, c] = images.shape;
  return tf.tidy(() => {
    const wide = tf.tile(tf.reshape(images, [n * h * w, 1, c]), [1, columns, 1]);
    const tall = tf.tile(tf.reshape(wide, [n * h, 1, width * c]), [1, rows, 1]);
    return tf.reshape(tall, [n, height, width, c]);
  });
}

/**
 * Sums the gradient over the repetitions of each pixel.
 *
 * @returns `[n, h, w, c]`, or null if the factors are not whole
 */
function sumRepeatedPixels({ inputs, attrs }: KernelCall): tf.Tensor | null {
  const dy = inputs.dy as tf.Tensor4D;
  const { shape } = inputs.images as tf.Tensor4D;
  const [, height, width] = dy.shape;
  const factors = wholeFactors(shape, [height, width], attrs);
  if (factors === null) return null;
  const [rows, columns] = factors;
  const [n, h, w, c] = shape;
  return tf.tidy(() => {
    const wide = tf.sum(tf.reshape(dy, [n * h, rows, width * c]), 1);
    const narrow = tf.sum(tf.reshape(wide, [n * h * w, columns, c]), 1);
    return tf.reshape<tf.Rank.R4>(narrow, shape);
  });
}

/** Returns the repetitions of each row and column, or null if a resize is not a repetition. */
function wholeFactors(
  [n, h, w, c]: Size4,
  [height, width]: readonly [number, number],
  attrs: unknown,
): readonly [number, number] | null {
  const { alignCorners, halfPixelCenters } = attrs as ResizeAttributes;
  const isWhole = height % h === 0 && width % w === 0;
  return isWhole && n * c > 0 && !alignCorners && !halfPixelCenters ? [height / h, width / w] : null;
}
