import type { OptimizerSettings } from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';

/** One trainable weight with the optimizer's memory of it. */
export interface WeightUpdate {
  readonly weight: tf.Tensor;
  /** `[momentum]`, or `[m, v]`. */
  readonly memory: readonly tf.Tensor[];
}

/** One step for one weight. */
export interface UpdateRequest extends WeightUpdate {
  readonly gradient: tf.Tensor;
  /** Whether AdamW decays it; biases, gammas and betas do not decay. */
  readonly isKernel: boolean;
  readonly learningRate: number;
  /** Number of the step, counted from 1 since the initial weights. */
  readonly step: number;
}

/**
 * Updates one weight by one step.
 *
 * - SGD: velocity = momentum * velocity + g; w -= rate * velocity, or with Nesterov rate * (g + momentum * velocity)
 * - Adam, AdamW: w -= rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * @returns new tensors; the given ones stay unchanged; intermediate tensors are left to the caller's `tf.tidy`
 * @see https://arxiv.org/abs/1412.6980 Kingma and Ba, "Adam", 2014, algorithm 1
 * @see https://arxiv.org/abs/1711.05101 Loshchilov and Hutter, "Decoupled weight decay regularization", 2017, algorithm 2
 */
export function updateWeight(optimizer: OptimizerSettings, request: UpdateRequest): WeightUpdate {
  switch (optimizer.type) {
    case 'sgd':
      return sgdUpdate(optimizer, request);
    case 'adam':
      return adamUpdate(optimizer, 0, request);
    case 'adamw':
      return adamUpdate(optimizer, optimizer.weightDecay, request);
  }
}

function sgdUpdate(
  { momentum, nesterov }: Extract<OptimizerSettings, { type: 'sgd' }>,
  { weight, memory, gradient, learningRate }: UpdateRequest,
): WeightUpdate {
  const velocity = tf.add(tf.mul(memory[0], momentum), gradient);
  const direction = nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
  return { weight: tf.sub(weight, tf.mul(direction, learningRate)), memory: [velocity] };
}

function adamUpdate(
  { beta1, beta2, epsilon }: Exclude<OptimizerSettings, { type: 'sgd' }>,
  weightDecay: number,
  { weight, memory, gradient, isKernel, learningRate, step }: UpdateRequest,
): WeightUpdate {
  const m = tf.add(tf.mul(memory[0], beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(memory[1], beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const unbiasedM = tf.div(m, 1 - beta1 ** step);
  const unbiasedV = tf.div(v, 1 - beta2 ** step);
  const direction = tf.div(unbiasedM, tf.add(tf.sqrt(unbiasedV), epsilon));
  const decayed = isKernel && weightDecay > 0 ? tf.mul(weight, 1 - learningRate * weightDecay) : weight;
  return { weight: tf.sub(decayed, tf.mul(direction, learningRate)), memory: [m, v] };
}
