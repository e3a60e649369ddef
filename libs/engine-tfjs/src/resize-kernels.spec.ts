import * as tf from '@tensorflow/tfjs-core';
import { runOnBackend } from './backend.ts';
import { createTfjsEngine } from './node.ts';

/** Batch, height, width, channels, and repetitions of each row and column. */
type Case = readonly [n: number, h: number, w: number, c: number, rows: number, columns: number];

/** Factors of 41 and 49 are those at which the kernels of wasm and cpu choose a wrong pixel. */
const CASES: readonly Case[] = [
  [1, 3, 4, 2, 2, 2],
  [3, 3, 4, 2, 2, 2],
  [2, 5, 7, 1, 3, 1],
  [4, 2, 5, 3, 1, 2],
  [2, 2, 3, 8, 1, 1],
  [2, 3, 2, 1, 41, 49],
  [2, 2, 3, 2, 49, 41],
];

/** Whole numbers, whose sums are exact. */
function wholeNumbers(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * 7919) % 101) - 50);
}

/** Calls `visit` with the index of each repeated pixel's value and of the pixel that it repeats. */
function forEachRepetition([n, h, w, c, rows, columns]: Case, visit: (repeated: number, pixel: number) => void): void {
  const [height, width] = [h * rows, w * columns];
  for (let i = 0; i < n * height * width * c; i++) {
    const channel = i % c;
    const x = Math.floor(i / c) % width;
    const y = Math.floor(i / (c * width)) % height;
    const image = Math.floor(i / (c * width * height));
    visit(i, ((image * h + (y - (y % rows)) / rows) * w + (x - (x % columns)) / columns) * c + channel);
  }
}

function resizeBy([, h, w, , rows, columns]: Case): (x: tf.Tensor) => tf.Tensor {
  return (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [h * rows, w * columns]);
}

beforeAll(async () => {
  await createTfjsEngine({ backend: 'cpu' });
  await createTfjsEngine({ backend: 'wasm' });
});

describe.each(['cpu', 'wasm'] as const)('registerResizeKernels on %s', (backend) => {
  it.each(CASES)('repeats pixels exactly: %i images of [%i, %i, %i] by %i and %i', async (...size) => {
    const [n, h, w, c, rows, columns] = size;
    const images = wholeNumbers(n * h * w * c);
    const expected = new Float32Array(images.length * rows * columns);
    forEachRepetition(size, (repeated, pixel) => (expected[repeated] = images[pixel]));
    const actual = await runOnBackend(backend, () =>
      tf.tidy(() => resizeBy(size)(tf.tensor4d(images.slice(), [n, h, w, c])).dataSync<'float32'>()),
    );
    expect(actual).toEqual(expected);
  });

  it.each(CASES)('sums the gradient exactly: %i images of [%i, %i, %i] by %i and %i', async (...size) => {
    const [n, h, w, c, rows, columns] = size;
    const dy = wholeNumbers(n * h * w * c * rows * columns);
    const expected = new Float32Array(n * h * w * c);
    forEachRepetition(size, (repeated, pixel) => (expected[pixel] += dy[repeated]));
    const actual = await runOnBackend(backend, () =>
      tf.tidy(() => {
        const upstream = tf.tensor4d(dy.slice(), [n, h * rows, w * columns, c]);
        return tf
          .grad(resizeBy(size))(tf.zeros([n, h, w, c]), upstream)
          .dataSync<'float32'>();
      }),
    );
    expect(actual).toEqual(expected);
  });

  it('leaves other resizes to the backend', async () => {
    const resized = await runOnBackend(backend, () =>
      tf.tidy(() => {
        const images = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
        const sizes: [number, number][] = [[3, 3], [1, 1]]; // prettier-ignore
        const plain = sizes.map((size) => tf.image.resizeNearestNeighbor(images, size));
        const aligned = tf.image.resizeNearestNeighbor(images, [4, 4], true);
        return [...plain, aligned].map((tensor) => Array.from(tensor.dataSync()));
      }),
    );
    const [grown, shrunk, aligned] = resized;
    expect(grown).toEqual([1, 1, 2, 1, 1, 2, 3, 3, 4]); // rows and columns 0, 0, 1: floor(i * 2 / 3)
    expect(shrunk).toEqual([1]);
    expect(aligned).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]); // 0, 0, 1, 1: round(i / 3)
  });
});
