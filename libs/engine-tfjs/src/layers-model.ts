import {
  type Architecture,
  checkWeights,
  inferShapes,
  kerasTopology,
  validateArchitecture,
  type Weights,
  weightSpecs,
} from '@digits/model';
import { io } from '@tensorflow/tfjs-core';
import { type layers, type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';

/**
 * Builds the `tf.LayersModel` of an architecture, for predicting with it, looking into it or handing it to any other
 * TensorFlow.js program. Its layers bear the architecture's names and stand in its order.
 *
 * @param weights those of the architecture; they are copied
 * @returns a sequential model from `[n, h, w, c]` float32 in [0, 1] to `[n, numClasses]` logits; the caller disposes it
 * @throws RangeError when the architecture is impossible or the weights are not its own
 */
export async function toLayersModel(architecture: Architecture, weights: Weights): Promise<LayersModel> {
  validateArchitecture(architecture);
  checkWeights('toLayersModel', architecture, weights);
  const weightData = new Float32Array(weights.reduce((size, { values }) => size + values.length, 0));
  let end = 0;
  for (const { values } of weights) {
    weightData.set(values, end);
    end += values.length;
  }
  return await loadLayersModel(
    io.fromMemory({
      modelTopology: kerasTopology(architecture, null),
      weightSpecs: weights.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' })),
      weightData: weightData.buffer,
    }),
  );
}

/** TensorFlow.js' own layers for those of an architecture that have no weights, by name. */
export type PlainLayers = ReadonlyMap<string, layers.Layer>;

/** Builds the layers that have no weights; they hold no tensors. */
export async function createPlainLayers(architecture: Architecture): Promise<PlainLayers> {
  const inputShapes = [architecture.inputShape, ...inferShapes(architecture)];
  const withWeights = new Set(weightSpecs(architecture).map(({ layerIndex }) => layerIndex));
  const plain = new Map<string, layers.Layer>();
  for (const [index, layer] of architecture.layers.entries()) {
    if (withWeights.has(index)) continue;
    const modelTopology = kerasTopology({ inputShape: inputShapes[index], layers: [layer] }, null);
    const model = await loadLayersModel(io.fromMemory({ modelTopology }));
    plain.set(layer.name, model.getLayer(layer.name));
  }
  return plain;
}
