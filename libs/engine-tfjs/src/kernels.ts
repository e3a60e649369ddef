import * as tf from '@tensorflow/tfjs-core';

/** Inputs and attributes that TensorFlow.js calls a kernel with. */
export interface KernelCall {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs: unknown;
}

/** Adds a kernel to a backend that lacks it. */
export function registerKernel(
  backendName: string,
  kernelName: string,
  kernel: (call: KernelCall) => tf.TensorInfo,
): void {
  tf.registerKernel({ kernelName, backendName, kernelFunc: ({ inputs, attrs }) => kernel({ inputs, attrs }) });
}

/** Replaces a kernel of a backend, which still runs if the new one returns null. */
export function replaceKernel(
  backendName: string,
  kernelName: string,
  kernel: (call: KernelCall) => tf.TensorInfo | null,
): void {
  const own = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...own,
    kernelFunc: (call) => kernel({ inputs: call.inputs, attrs: call.attrs }) ?? own.kernelFunc(call),
  });
}
