/** One weight of a network, in TensorFlow's layout (conv kernels HWIO, dense kernels `[in, out]`). */
export interface NamedTensor {
  /** `<layer name>/<kernel|bias|gamma|beta|moving_mean|moving_variance>`, as Keras names it. */
  readonly name: string;
  readonly shape: readonly number[];
  /** float32, row-major. */
  readonly values: Float32Array;
}

/**
 * All weights of a network, layer by layer, each layer's in Keras' order:
 * kernel, bias; gamma, beta, moving_mean, moving_variance.
 */
export type Weights = readonly NamedTensor[];
