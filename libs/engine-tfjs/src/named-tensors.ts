import type { NamedTensor } from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Uploads named tensors.
 *
 * @returns one tensor each, in the same order, outside of any tidy; the caller disposes them
 */
export function uploadTensors(named: readonly NamedTensor[]): tf.Tensor[] {
  // the cpu backend computes on the array that it is given: it must have one of its own
  return named.map(({ values, shape }) => tf.keep(tf.tensor(values.slice(), [...shape], 'float32')));
}

/**
 * Reads tensors back under their names.
 *
 * @param specs as many as `tensors`, in the same order
 * @returns copies, which later steps do not change
 */
export function downloadTensors(
  specs: readonly Pick<NamedTensor, 'name' | 'shape'>[],
  tensors: readonly tf.Tensor[],
): Promise<NamedTensor[]> {
  return Promise.all(
    specs.map(async ({ name, shape }, i) => {
      const values = await tensors[i].data<'float32'>();
      return { name, shape: [...shape], values: values.slice() };
    }),
  );
}
