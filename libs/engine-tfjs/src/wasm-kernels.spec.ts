import { relativeDifference } from '@digits/engine-contract';
import * as tf from '@tensorflow/tfjs-core';
import { type BackendName, runOnBackend } from './backend.ts';
import { createTfjsEngine } from './node.ts';

const TOLERANCE = 1e-5;

beforeAll(async () => {
  await createTfjsEngine({ backend: 'cpu' });
  await createTfjsEngine({ backend: 'wasm' });
});

/** Values in [-1, 1), all different, the same on every backend. */
function values(shape: number[], seed: number): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Array.from({ length: size }, (_, i) => ((((i + 1) * 0.6180339887 + seed * 0.37) % 1) + (i / size) * 1e-3) * 2 - 1),
    shape,
  );
}

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The operation's value and its gradients, pulled back from a dy that is no constant. */
function valueAndGradients(backend: BackendName, operation: Operation, shapes: number[][]) {
  return runOnBackend(backend, () =>
    tf.tidy(() => {
      const inputs = shapes.map((shape, i) => values(shape, i));
      const value = operation(...inputs);
      const gradients = tf.grads(operation)(inputs, values(value.shape, 9));
      return [value, ...gradients].map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync<'float32'>() }));
    }),
  );
}

async function expectSameOnWasm(operation: Operation, shapes: number[][]): Promise<void> {
  const actual = await valueAndGradients('wasm', operation, shapes);
  const expected = await valueAndGradients('cpu', operation, shapes);
  expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  actual.forEach((tensor, i) => {
    expect(relativeDifference(tensor.values, expected[i].values)).toBeLessThan(TOLERANCE);
  });
}

describe('registerWasmKernels', () => {
  const paddings = ['same', 'valid'] as const;
  const sizes: [number, number][] = [[1, 1], [3, 3], [2, 5]]; // prettier-ignore
  const strides: [number, number][] = [[1, 1], [2, 2], [3, 1], [1, 2]]; // prettier-ignore
  const windows = sizes.flatMap((size) => strides.flatMap((stride) => paddings.map((pad) => ({ size, stride, pad }))));

  it.each(windows)('agrees with cpu on the gradients of conv2d $size, strides $stride, $pad', ({ size, stride, pad }) =>
    expectSameOnWasm(
      (x, kernel) => tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad),
      [
        [3, 9, 8, 4],
        [...size, 4, 6],
      ],
    ),
  );

  it.each([
    [3, 1, 2],
    [4, 1, 4],
    [6, 2, 3],
    [9, 2, 3],
    [12, 3, 4],
  ])(
    // prettier-ignore
    'agrees with cpu on convolutions of %i rows by %i with strides of %i, which leave rows over',
    async (rows, height, stride) => {
      const shapes = [[2, rows, 8, 3], [height, 3, 3, 4]]; // prettier-ignore
      const plain: Operation = (x, kernel) => tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [stride, 1], 'same');
      await expectSameOnWasm(plain, shapes);
      const fused: Operation = (x, filter) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: [stride, 1],
          pad: 'same',
          activation: 'relu',
        });
      await expectSameOnWasm(fused, shapes);
    },
  );

  it.each(windows)('agrees with cpu on the gradient of maxPool $size, strides $stride, $pad', ({ size, stride, pad }) =>
    expectSameOnWasm((x) => tf.maxPool(x as tf.Tensor4D, size, stride, pad), [[2, 9, 8, 3]]),
  );

  it('hands the gradient of a pooling window without a positive value to its largest one', async () => {
    const gradient = await runOnBackend('wasm', () => {
      const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
      return tf.tidy(() =>
        tf
          .grad(pool)(tf.tensor4d([-4, -1, -2, -3], [1, 2, 2, 1]))
          .dataSync<'float32'>(),
      );
    });
    expect(Array.from(gradient)).toEqual([0, 1, 0, 0]);
  });

  it('hands the gradient of equal values to the first', async () => {
    const gradient = await runOnBackend('wasm', () => {
      const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
      return tf.tidy(() =>
        tf
          .grad(pool)(tf.tensor4d([0, 7, 7, 7], [1, 2, 2, 1]))
          .dataSync<'float32'>(),
      );
    });
    expect(Array.from(gradient)).toEqual([0, 1, 0, 0]);
  });

  it.each([
    ['matMul', [5, 7], [7, 3], false, false],
    ['matMul, first transposed', [7, 5], [7, 3], true, false],
    ['matMul, second transposed', [5, 7], [3, 7], false, true],
    ['matMul, both transposed', [7, 5], [3, 7], true, true],
    ['matMul of stacks, second transposed', [2, 5, 7], [2, 3, 7], false, true],
    ['matMul of single-row matrices', [1, 7], [7, 3], false, false],
  ])('agrees with cpu on the gradients of %s', (_, a, b, transposeA, transposeB) =>
    expectSameOnWasm((left, right) => tf.matMul(left, right, transposeA, transposeB), [a, b]),
  );

  it.each<[string, Operation, number[][]]>([
    ['relu', (x) => tf.relu(x), [[2, 5, 4, 3]]],
    ['the mean over an image', (x) => tf.mean(x, [1, 2]), [[2, 5, 4, 3]]],
    ['the mean over rows', (x) => tf.mean(x, 0), [[6, 3]]],
    ['reshape', (x) => tf.reshape(x, [2, 60]), [[2, 5, 4, 3]]],
    ['a bias on images', (x, bias) => tf.add(x, bias), [[2, 5, 4, 3], [3]]], // prettier-ignore
    ['a bias on vectors', (x, bias) => tf.add(x, bias), [[6, 3], [3]]], // prettier-ignore
    ['a product', (x, mask) => tf.mul(x, mask), [[6, 3], [6, 3]]], // prettier-ignore
  ])('agrees with cpu on the gradients of %s', (_, operation, shapes) => expectSameOnWasm(operation, shapes));

  it('agrees with cpu on the gradient of the loss', () =>
    expectSameOnWasm(
      (logits) => {
        const targets = tf.oneHot(tf.tensor1d([2, 0, 1, 2], 'int32'), 3);
        return tf.losses.softmaxCrossEntropy(targets, logits, undefined, 0.1);
      },
      [[4, 3]],
    ));
});
