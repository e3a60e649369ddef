import { fillRandomWords, RandomPurpose, symmetricFromWord } from '@digits/data';
import { type Architecture, type WeightSpec, weightSpecs } from './architecture.ts';
import { type Shape, shapeSize } from './shapes.ts';

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

/**
 * Draws the weights that a run starts with; the same on every engine and machine, as only sqrt, products and sums are used.
 *
 * Kernels are uniform in +-limit (element e takes word e of the stream {seed, purpose initialWeights, site = index of the
 * layer}), where limit is sqrt(6 / fanIn) for kernels before a ReLU (He) and sqrt(6 / (fanIn + fanOut)) for the last layer's
 * (Glorot). Gammas and moving variances are 1, biases, betas and moving means 0.
 *
 * @param seed a safe integer of at least 0
 * @returns all weights in contract order, new arrays
 * @throws RangeError for a seed out of range, or as `inferShapes`
 * @see https://arxiv.org/abs/1502.01852 He et al., https://proceedings.mlr.press/v9/glorot10a.html Glorot and Bengio
 */
export function initialWeights(architecture: Architecture, seed: number): Weights {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`initialWeights: seed must be a whole number of at least 0, got ${seed}`);
  }
  const lastLayer = architecture.layers.length - 1;
  return weightSpecs(architecture).map((spec) => ({
    name: spec.name,
    shape: spec.shape,
    values: initialValues(spec, spec.layerIndex === lastLayer, seed),
  }));
}

function initialValues(spec: WeightSpec, isLastLayer: boolean, seed: number): Float32Array {
  const size = shapeSize(spec.shape);
  switch (spec.role) {
    case 'kernel':
      return uniformKernel(spec.shape, isLastLayer, { seed, site: spec.layerIndex });
    case 'gamma':
    case 'moving_variance':
      return new Float32Array(size).fill(1);
    case 'bias':
    case 'beta':
    case 'moving_mean':
      return new Float32Array(size);
  }
}

function uniformKernel(shape: Shape, isLastLayer: boolean, key: { seed: number; site: number }): Float32Array {
  const fanOut = shape[shape.length - 1];
  const fanIn = shapeSize(shape) / fanOut;
  const limit = Math.sqrt(6 / (isLastLayer ? fanIn + fanOut : fanIn));
  const words = new Uint32Array(shapeSize(shape));
  fillRandomWords({ ...key, purpose: RandomPurpose.initialWeights }, words);
  return Float32Array.from(words, (word) => symmetricFromWord(word, limit));
}
