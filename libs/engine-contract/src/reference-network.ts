import { type Architecture, inferShapes, type NamedTensor, type Shape, shapeSize } from '@digits/model';
import { backwardLayer, forwardLayer, type Keeping, type Kept, type LayerAtWork } from './layer-references.ts';
import type { TrainingBatch } from './reference-arithmetic.ts';

/** Values of each weight, or of the loss' derivative by it, under the weight's name. */
export type NamedValues = ReadonlyMap<string, Float64Array>;

/** What {@link forwardPass} leaves for {@link backwardPass}. */
export interface ForwardPass extends Kept {
  readonly numImages: number;
  /** Input of the first layer, then the output of each layer, `[n, ...shape]`. */
  readonly values: readonly Float64Array[];
  /** Without the batch dimension, in the same order. */
  readonly shapes: readonly Shape[];
}

/** Mean loss of a batch, and its derivatives. */
export interface BackwardPass {
  readonly loss: number;
  readonly numCorrect: number;
  /** d loss / d weight, trainable weights only. */
  readonly gradients: NamedValues;
}

/** Widens float32 tensors for the reference. */
export function widen(tensors: readonly NamedTensor[]): Map<string, Float64Array> {
  return new Map(tensors.map(({ name, values }) => [name, Float64Array.from(values)]));
}

/**
 * Runs the network on a batch.
 *
 * @param images `[n, h, w, c]` in [0, 1]
 * @param training the batch in training mode (batch statistics, dropout), or null for predicting
 */
export function forwardPass(
  architecture: Architecture,
  weights: NamedValues,
  images: Float64Array,
  training: TrainingBatch | null,
): ForwardPass {
  const shapes: Shape[] = [architecture.inputShape, ...inferShapes(architecture)];
  const numImages = images.length / shapeSize(architecture.inputShape);
  const values: Float64Array[] = [images];
  const kept: Keeping = { batchStatistics: new Map(), dropoutMasks: new Map() };
  const pass: ForwardPass = { numImages, values, shapes, ...kept };
  architecture.layers.forEach((layer, index) => {
    values.push(forwardLayer(layer, layerAtWork(architecture, weights, pass, index), training, kept));
  });
  return pass;
}

/**
 * Gives the mean loss of a batch and, by the chain rule from the last layer to the first, its derivative by each weight.
 *
 * @param pass what {@link forwardPass} gave in training mode
 * @param labels `[n]` the true classes
 */
export function backwardPass(
  architecture: Architecture,
  weights: NamedValues,
  pass: ForwardPass,
  labels: ArrayLike<number>,
  labelSmoothing: number,
): BackwardPass {
  const { values, numImages } = pass;
  const { loss, numCorrect, dLogits } = crossEntropy(values[values.length - 1], labels, numImages, labelSmoothing);
  const gradients = new Map<string, Float64Array>();
  let dy: Float64Array = dLogits;
  for (let index = architecture.layers.length - 1; index >= 0; index--) {
    const layer = architecture.layers[index];
    dy = backwardLayer(layer, layerAtWork(architecture, weights, pass, index), pass, dy, (role, gradient) => {
      gradients.set(`${layer.name}/${role}`, gradient);
    });
  }
  return { loss, numCorrect, gradients };
}

/** Softmax cross-entropy with smoothed labels; `dLogits` is the derivative of the mean loss. */
function crossEntropy(logits: Float64Array, labels: ArrayLike<number>, numImages: number, labelSmoothing: number) {
  const numClasses = logits.length / numImages;
  const dLogits = new Float64Array(logits.length);
  let loss = 0;
  let numCorrect = 0;
  for (let n = 0; n < numImages; n++) {
    const row = logits.subarray(n * numClasses, (n + 1) * numClasses);
    const max = Math.max(...row);
    const logSum = max + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
    if (row.indexOf(max) === labels[n]) numCorrect++;
    row.forEach((logit, c) => {
      const target = (c === labels[n] ? 1 - labelSmoothing : 0) + labelSmoothing / numClasses;
      loss -= (target * (logit - logSum)) / numImages;
      dLogits[n * numClasses + c] = (Math.exp(logit - logSum) - target) / numImages;
    });
  }
  return { loss, numCorrect, dLogits };
}

function layerAtWork(
  { layers }: Architecture,
  weights: NamedValues,
  { numImages, values, shapes }: Pick<ForwardPass, 'numImages' | 'values' | 'shapes'>,
  index: number,
): LayerAtWork {
  const weight = (role: string): Float64Array => {
    const name = `${layers[index].name}/${role}`;
    const found = weights.get(name);
    if (found === undefined) throw new Error(`weightValues: weights must hold "${name}", got none`);
    return found;
  };
  return { index, numImages, x: values[index], input: shapes[index], output: shapes[index + 1], weight };
}
