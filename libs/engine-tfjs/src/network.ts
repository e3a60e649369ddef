import { type Architecture, type Layer, skipSource, type WeightSpec, windowGeometry } from '@digits/model';
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
 * Runs a network on weight tensors, so gradients with respect to them can be computed. Only layers that have weights, take
 * several inputs, behave differently in training or have a wrong gradient are written out here.
 *
 * @param plain the other layers
 * @param images `[n, h, w, c]` float32 in [0, 1]
 * @param training null for inference
 * @returns `[n, numClasses]` or `[n, h, w, c]` logits; intermediate tensors are left to the caller's `tf.tidy`
 */
export function runNetwork(
  architecture: Architecture,
  plain: PlainLayers,
  weight: WeightReader,
  images: tf.Tensor4D,
  training: TrainingPass | null,
): tf.Tensor {
  const outputs = new Map<string, tf.Tensor>();
  let values: tf.Tensor = images;
  architecture.layers.forEach((layer, index) => {
    const source = skipSource(layer);
    const inputs = source === null ? [values] : [values, outputOf(outputs, source)];
    values = runLayer(layer, index, plain, weight, inputs, training);
    outputs.set(layer.name, values);
  });
  return values;
}

/** Returns the output of an earlier layer. */
export function outputOf(outputs: ReadonlyMap<string, tf.Tensor>, layerName: string): tf.Tensor {
  const output = outputs.get(layerName);
  if (output === undefined) throw new Error(`outputOf: layerName must be an earlier layer, got "${layerName}"`);
  return output;
}

function runLayer(
  layer: Layer,
  index: number,
  plain: PlainLayers,
  weight: WeightReader,
  [x, skipped]: readonly tf.Tensor[],
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
    case 'averagePooling2d':
      return averagePooling(layer, x as tf.Tensor4D);
    case 'add':
      return tf.add(x, skipped);
    default: {
      const own = plain.get(layer.name);
      if (own === undefined) {
        throw new Error(`runNetwork: layer "${layer.name}" must be written out, got ${layer.type}, which has weights`);
      }
      return own.apply(x) as tf.Tensor;
    }
  }
}

/** TensorFlow.js divides the gradient by the size of the window at the edges too, so the padding is written out here. */
function averagePooling(
  { poolSize, strides, padding }: Extract<Layer, { type: 'averagePooling2d' }>,
  x: tf.Tensor4D,
): tf.Tensor {
  const pads = ([1, 2] as const).map((axis): [number, number] => {
    const [size, window, stride] = [x.shape[axis], poolSize[axis - 1], strides[axis - 1]];
    const { outputSize, padBefore } = windowGeometry(size, window, stride, padding);
    return [padBefore, Math.max(0, (outputSize - 1) * stride + window - size - padBefore)];
  });
  const mean = (images: tf.Tensor4D): tf.Tensor4D => tf.avgPool(images, [...poolSize], [...strides], 'valid');
  if (pads.flat().every((size) => size === 0)) return mean(x);
  const padded = (images: tf.Tensor4D): tf.Tensor4D => tf.pad(images, [[0, 0], ...pads, [0, 0]]);
  return tf.div(mean(padded(x)), mean(padded(tf.onesLike(x))));
}
