import {
  type Architecture,
  checkWeights,
  inferShapes,
  kerasTopology,
  skipSource,
  validateArchitecture,
  type Weights,
  weightSpecs,
} from '@digits/model';
import { io } from '@tensorflow/tfjs-core';
import { type layers, type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';

/**
 * Builds the `tf.LayersModel` of an architecture, for use in any TensorFlow.js program. Its layers have the names of the
 * architecture. It is sequential, or functional with a layer `input` if a layer takes the output of an earlier one.
 *
 * @param weights weights of the architecture; they are copied
 * @returns a model from `[n, h, w, c]` float32 in [0, 1] to `[n, numClasses]` logits, or `[n, h, w, channels]` for pixels; the
 *   caller disposes it
 * @throws RangeError if the architecture is invalid or the weights do not match it
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

/** TensorFlow.js layers for the layers of an architecture without weights and with one input, by name. */
export type PlainLayers = ReadonlyMap<string, layers.Layer>;

/** Builds the layers without weights and with one input; they hold no tensors. */
export async function createPlainLayers(architecture: Architecture): Promise<PlainLayers> {
  const inputShapes = [architecture.inputShape, ...inferShapes(architecture)];
  const withWeights = new Set(weightSpecs(architecture).map(({ layerIndex }) => layerIndex));
  const plain = new Map<string, layers.Layer>();
  for (const [index, layer] of architecture.layers.entries()) {
    if (withWeights.has(index) || skipSource(layer) !== null) continue;
    const modelTopology = kerasTopology({ inputShape: inputShapes[index], layers: [layer] }, null);
    const model = await loadLayersModel(io.fromMemory({ modelTopology }));
    plain.set(layer.name, model.getLayer(layer.name));
  }
  return plain;
}
