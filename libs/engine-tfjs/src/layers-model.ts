import { type Architecture, checkWeights, type Layer, validateArchitecture, type Weights } from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';
import { type layers, type LayersModel, layers as make, sequential } from '@tensorflow/tfjs-layers';
import { uploadTensors } from './named-tensors.ts';

type KerasLayer = layers.Layer;

/**
 * Builds the `tf.LayersModel` of an architecture, for predicting with it, looking into it or handing it to any other
 * TensorFlow.js program. Its layers bear the architecture's names and stand in its order.
 *
 * @param weights those of the architecture; they are copied
 * @returns a sequential model from `[n, h, w, c]` float32 in [0, 1] to `[n, numClasses]` logits; the caller disposes it
 * @throws RangeError when the architecture is impossible or the weights are not its own
 */
export function toLayersModel(architecture: Architecture, weights: Weights): LayersModel {
  validateArchitecture(architecture);
  checkWeights('toLayersModel', architecture, weights);
  const model = sequential();
  model.add(make.inputLayer({ inputShape: [...architecture.inputShape] }));
  for (const layer of architecture.layers) model.add(toKerasLayer(layer));
  for (const { name } of architecture.layers) {
    const own = uploadTensors(weights.filter((weight) => weight.name.startsWith(`${name}/`)));
    model.getLayer(name).setWeights(own);
    tf.dispose(own);
  }
  return model;
}

function toKerasLayer(layer: Layer): KerasLayer {
  const { name } = layer;
  // weights are set right after: zeros cost nothing to make
  const initial = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
  switch (layer.type) {
    case 'conv2d':
      return make.conv2d({
        name,
        filters: layer.filters,
        kernelSize: [...layer.kernelSize],
        strides: [...layer.strides],
        padding: layer.padding,
        useBias: layer.useBias,
        ...initial,
      });
    case 'dense':
      return make.dense({ name, units: layer.units, useBias: layer.useBias, ...initial });
    case 'batchNormalization':
      return make.batchNormalization({ name, momentum: layer.momentum, epsilon: layer.epsilon });
    case 'relu':
      return make.reLU({ name });
    case 'maxPooling2d':
      return make.maxPooling2d({
        name,
        poolSize: [...layer.poolSize],
        strides: [...layer.strides],
        padding: layer.padding,
      });
    case 'globalAveragePooling2d':
      return make.globalAveragePooling2d({ name, dataFormat: 'channelsLast' });
    case 'flatten':
      return make.flatten({ name });
    case 'dropout':
      return make.dropout({ name, rate: layer.rate });
  }
}
