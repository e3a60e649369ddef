import type { Architecture } from './architecture.ts';
import { layerWeights, type WeightRole } from './layers.ts';
import type { OptimizerSettings } from './settings.ts';
import { inferShapes } from './shape-inference.ts';
import { type Shape, shapeSize } from './shapes.ts';

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
