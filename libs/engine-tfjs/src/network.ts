import type { Architecture, Layer, WeightSpec } from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';
import { type BatchStatistics, normaliseBatch } from './batch-normalisation.ts';
import type { PlainLayers } from './layers-model.ts';

/** Dropout and batch statistics of a forward pass in training. */
export interface TrainingPass {
  /** Returns `[batch, ...shape]` float32: 0 if dropped, 1 / (1 - rate) if kept. */
  readonly dropoutMask: (layerIndex: number, rate: number, shape: readonly number[]) => tf.Tensor;
  /** Takes the statistics of the batch, for the moving ones, and disposes them. */
  readonly onBatchStatistics: (layerName: string, statistics: BatchStatistics) => void;
}

/** Finds a weight by its name, `<layer>/<role>`. */
export type WeightReader = (name: string) => tf.Tensor;

/**
 * Creates a reader of weights.
 *
 * @param tensors one per weight, in the order of `specs`; they are read, never disposed
 */
export function weightReader(specs: readonly WeightSpec[], tensors: readonly tf.Tensor[]): WeightReader {
  const byName = new Map(specs.map((spec, i) => [spec.name, tensors[i]]));
  return (name) => {
    const tensor = byName.get(name);
    if (tensor === undefined) throw new Error(`weightReader: name must be a weight of the network, got "${name}"`);
    return tensor;
  };
}

/**
 * Runs a network on weight tensors, so gradients with respect to them can be computed. Only layers that have weights, or that
 * behave differently in training, are written out here.
 *
 * @param plain the other layers
 * @param images `[n, h, w, c]` float32 in [0, 1]
 * @param training null for inference
 * @returns `[n, numClasses]` logits; intermediate tensors are left to the caller's `tf.tidy`
 */
export function runNetwork(
  architecture: Architecture,
  plain: PlainLayers,
  weight: WeightReader,
  images: tf.Tensor4D,
  training: TrainingPass | null,
): tf.Tensor2D {
  let values: tf.Tensor = images;
  architecture.layers.forEach((layer, index) => {
    values = runLayer(layer, index, plain, weight, values, training);
  });
  return values as tf.Tensor2D;
}

function runLayer(
  layer: Layer,
  index: number,
  plain: PlainLayers,
  weight: WeightReader,
  x: tf.Tensor,
  training: TrainingPass | null,
): tf.Tensor {
  const own = (role: string): tf.Tensor => weight(`${layer.name}/${role}`);
  switch (layer.type) {
    case 'conv2d': {
      const kernel = own('kernel') as tf.Tensor4D;
      const product = tf.conv2d(x as tf.Tensor4D, kernel, [...layer.strides], layer.padding);
      return layer.useBias ? tf.add(product, own('bias')) : product;
    }
    case 'dense': {
      const product = tf.matMul(x, own('kernel'));
      return layer.useBias ? tf.add(product, own('bias')) : product;
    }
    case 'batchNormalization': {
      const gamma = own('gamma') as tf.Tensor1D;
      const beta = own('beta') as tf.Tensor1D;
      if (training !== null) {
        return normaliseBatch(x, gamma, beta, layer.epsilon, (statistics) => {
          training.onBatchStatistics(layer.name, statistics);
        });
      }
      const mean = own('moving_mean') as tf.Tensor1D;
      return tf.batchNorm(x, mean, own('moving_variance'), beta, gamma, layer.epsilon);
    }
    case 'dropout':
      return training === null || layer.rate === 0
        ? x
        : tf.mul(x, training.dropoutMask(index, layer.rate, x.shape.slice(1)));
    default: {
      const own = plain.get(layer.name);
      if (own === undefined) {
        throw new Error(`runNetwork: layer "${layer.name}" must be written out, got ${layer.type}, which has weights`);
      }
      return own.apply(x) as tf.Tensor;
    }
  }
}
