import { fillRandomWords, RandomPurpose, symmetricFromWord } from '@digits/data';
import type { OptimizerSettings } from './engine.ts';
import { type Architecture, inferShapes } from './architecture.ts';
import { layerWeights, type WeightRole } from './layers.ts';
import { type Shape, shapeSize } from './shapes.ts';
import type { Weights } from './weights.ts';

/** One weight of an architecture, without its values. */
export interface WeightSpec {
  /** `<layer name>/<role>`. */
  readonly name: string;
  readonly role: WeightRole;
  readonly layerIndex: number;
  readonly shape: Shape;
  /** Whether the optimizer moves it; moving statistics follow the batches instead. */
  readonly trainable: boolean;
}

/**
 * Lists the weights of an architecture in contract order: layer by layer, each layer's as in Keras
 * (kernel, bias; gamma, beta, moving_mean, moving_variance).
 *
 * @throws RangeError as {@link inferShapes}
 */
export function weightSpecs(architecture: Architecture): readonly WeightSpec[] {
  const shapes = inferShapes(architecture);
  return architecture.layers.flatMap((layer, layerIndex) => {
    const input = layerIndex === 0 ? architecture.inputShape : shapes[layerIndex - 1];
    return layerWeights(layer, input).map(([role, shape]) => ({
      name: `${layer.name}/${role}`,
      role,
      layerIndex,
      shape,
      trainable: role !== 'moving_mean' && role !== 'moving_variance',
    }));
  });
}

/** How many numbers a network consists of; moving statistics are not trainable. */
export interface ParameterCount {
  readonly total: number;
  readonly trainable: number;
}

/**
 * Counts the weights of an architecture.
 *
 * @throws RangeError as {@link inferShapes}
 */
export function countParameters(architecture: Architecture): ParameterCount {
  let total = 0;
  let trainable = 0;
  for (const spec of weightSpecs(architecture)) {
    const size = shapeSize(spec.shape);
    total += size;
    if (spec.trainable) trainable += size;
  }
  return { total, trainable };
}

/**
 * Lists the optimizer's memory for the trainable weights, in weight order: `momentum/<weight>` for SGD (with momentum 0
 * too), all `m/<weight>` and then all `v/<weight>` for Adam and AdamW.
 *
 * @throws RangeError as {@link inferShapes}
 */
export function optimizerSlotSpecs(
  architecture: Architecture,
  optimizer: OptimizerSettings,
): readonly { readonly name: string; readonly shape: Shape }[] {
  const trainable = weightSpecs(architecture).filter((spec) => spec.trainable);
  const slots = (prefix: string) => trainable.map(({ name, shape }) => ({ name: `${prefix}/${name}`, shape }));
  switch (optimizer.type) {
    case 'sgd':
      return slots('momentum');
    case 'adam':
    case 'adamw':
      return [...slots('m'), ...slots('v')];
  }
}

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
