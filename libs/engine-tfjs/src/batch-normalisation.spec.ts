import { relativeDifference } from '@digits/engine-contract';
import * as tf from '@tensorflow/tfjs-core';
import { type BatchStatistics, normaliseBatch } from './batch-normalisation.ts';
import { createTfjsEngine } from './node.ts';

const EPSILON = 1e-3;

beforeAll(async () => {
  await createTfjsEngine({ backend: 'cpu' });
});

function ownNormalisation(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  return normaliseBatch(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON, ({ mean, variance }) => {
    tf.dispose([mean, variance]);
  });
}

/** The same out of TensorFlow.js' parts, whose gradients it finds itself. */
function composedNormalisation(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const { mean, variance } = tf.moments(x, axes);
  return tf.batchNorm(x, mean, variance, beta, gamma, EPSILON);
}

describe('normaliseBatch', () => {
  it('hands over the mean and the biased variance of each channel', () => {
    const x = tf.tensor2d([1, 10, 3, 10, 5, 40], [3, 2]);
    const gamma = tf.tensor1d([1, 1]);
    const beta = tf.tensor1d([0, 0]);
    let statistics: BatchStatistics | undefined;
    const y = normaliseBatch(x, gamma, beta, 0, (handed) => (statistics = handed));
    expect(Array.from(statistics?.mean.dataSync() ?? [])).toEqual([3, 20]);
    expect(statistics?.variance.dataSync()[0]).toBeCloseTo(8 / 3, 6);
    expect(statistics?.variance.dataSync()[1]).toBeCloseTo(200, 4);
    // (1 - 3) / sqrt(8 / 3) and (10 - 20) / sqrt(200)
    expect(y.dataSync()[0]).toBeCloseTo(-1.2247449, 5);
    expect(y.dataSync()[1]).toBeCloseTo(-0.7071068, 5);
    tf.dispose([x, gamma, beta, y, statistics?.mean ?? [], statistics?.variance ?? []]);
  });

  it.each([[[4, 3, 5, 2]], [[6, 3]]])('has the values and gradients of moments and batchNorm on %j', (shape) => {
    tf.tidy(() => {
      const size = tf.util.sizeFromShape(shape);
      const channels = shape[shape.length - 1];
      const x = tf.tensor(
        Array.from({ length: size }, (_, i) => Math.sin(i * i)),
        shape,
      );
      const inputs = [x, tf.linspace(0.5, 2, channels), tf.linspace(-1, 1, channels)];
      const dy = tf.cos(tf.mul(x, 3));
      const own = [ownNormalisation(x, inputs[1], inputs[2]), ...tf.grads(ownNormalisation)(inputs, dy)];
      const composed = [composedNormalisation(x, inputs[1], inputs[2]), ...tf.grads(composedNormalisation)(inputs, dy)];
      own.forEach((tensor, i) => {
        expect(tensor.shape).toEqual(composed[i].shape);
        expect(relativeDifference(tensor.dataSync(), composed[i].dataSync())).toBeLessThan(1e-5);
      });
    });
  });

  it('leaks no tensors but the statistics that it hands over', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const inputs = [tf.ones([4, 2]), tf.ones([2]), tf.zeros([2])];
      tf.grads(ownNormalisation)(inputs, tf.ones([4, 2]));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
