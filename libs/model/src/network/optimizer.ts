import { BOOLEAN, real, type Schema, type Variants, variants } from '../json.ts';
import { type Architecture, weightSpecs } from './architecture.ts';
import type { Shape } from './shapes.ts';

const decay = real(0, 1, 'max');
const ADAM = {
  /** Decay of the moving average of gradients. */
  beta1: decay,
  /** Decay of the moving average of squared gradients. */
  beta2: decay,
  /** Added to the root of that average before dividing by it. */
  epsilon: real(0, 1, 'min'),
};

/** The settings of each type of optimizer. */
const OPTIMIZERS = {
  sgd: {
    /** Share of the previous step's velocity that is kept. */
    momentum: decay,
    /** Whether the gradient is followed by a step of the new velocity, as Nesterov does. */
    nesterov: BOOLEAN,
  },
  adam: ADAM,
  adamw: {
    ...ADAM,
    /** Decoupled: each step a kernel loses learningRate * weightDecay of itself, before the Adam step. */
    weightDecay: real(0, 1000),
  },
};

/**
 * How weights move. Weight decay touches kernels only, never biases, gammas or betas. With g the gradient of the batch's
 * mean loss and lr the step's learning rate:
 *
 * - `sgd`: velocity = momentum * velocity + g; w -= lr * velocity, or with `nesterov` w -= lr * (g + momentum * velocity)
 * - `adam`: m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2;
 *   w -= lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon), t = 1 in the very first step
 * - `adamw`: kernels first w -= lr * weightDecay * w, then as `adam`
 *
 * @see https://arxiv.org/abs/1412.6980 Adam, https://arxiv.org/abs/1711.05101 AdamW
 */
export type OptimizerSettings = Variants<'type', typeof OPTIMIZERS>;

/** Schema of an optimizer's JSON. */
export const optimizerSchema: Schema<OptimizerSettings> = variants('type', OPTIMIZERS);

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
