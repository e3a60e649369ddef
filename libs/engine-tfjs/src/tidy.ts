import * as tf from '@tensorflow/tfjs-core';

/**
 * `tf.tidy` for results that are objects of tensors: frees every tensor that `compute` made but those in its result.
 *
 * @param compute must be synchronous; null is allowed among its fields, where TensorFlow.js' own typings forbid it
 */
export function tidyObject<T extends object>(compute: () => T): T {
  return tf.tidy(() => compute() as tf.TensorContainerObject) as T;
}
