import type { Architecture, SessionSettings, WeightSpec } from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';
import type { BatchAnswers } from './answers.ts';
import type { BatchStatistics } from './batch-normalisation.ts';
import type { PlainLayers } from './layers-model.ts';
import { runNetwork, weightReader } from './network.ts';
import { updateWeight } from './optimizer.ts';

/** Tensors that steps change. */
export interface TrainingTensors {
  /** One tensor per weight, in the order of `weightSpecs`. */
  readonly weights: tf.Tensor[];
  /** One tensor per weight, or null without averaging. */
  readonly averagedWeights: tf.Tensor[] | null;
  /** In the order of `optimizerSlotSpecs`. */
  readonly optimizer: tf.Tensor[];
}

/** Batch of a step. */
export interface TrainingBatch {
  /** `[n, h, w, c]` float32 in [0, 1]. */
  readonly images: tf.Tensor4D;
  readonly answers: BatchAnswers;
  readonly dropoutMask: (layerIndex: number, rate: number, shape: readonly number[]) => tf.Tensor;
}

/** Arguments of {@link takeStep}. */
export interface StepRequest {
  readonly architecture: Architecture;
  readonly plainLayers: PlainLayers;
  readonly settings: SessionSettings;
  readonly specs: readonly WeightSpec[];
  readonly tensors: TrainingTensors;
  readonly batch: TrainingBatch;
  readonly learningRate: number;
  readonly averageDecay: number;
  /** Number of the step, counted from 1 since the initial weights. */
  readonly step: number;
}

/** Result of a step; all tensors are new. */
export interface StepResult {
  readonly tensors: TrainingTensors;
  /** `[1 + n]`: mean loss, then the number of correct answers of each image. */
  readonly figures: tf.Tensor;
}

interface GradientResult {
  readonly loss: tf.Scalar;
  readonly logits: tf.Tensor;
  /** By weight name, trainable weights only. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  /** By layer name. */
  readonly statistics: ReadonlyMap<string, BatchStatistics>;
}

/**
 * Takes one step: forward, loss, gradients, optimizer, moving statistics, average.
 *
 * @returns new tensors; those of the request stay unchanged
 */
export function takeStep(request: StepRequest): StepResult {
  const { tensors, averageDecay, batch } = request;
  const kept: tf.Tensor[] = [];
  try {
    return tidyObject(() => {
      const result = computeGradients(request, kept);
      const { weights, optimizer } = moveWeights(request, result);
      const averagedWeights =
        tensors.averagedWeights?.map((average, i) =>
          tf.add(tf.mul(average, averageDecay), tf.mul(weights[i], 1 - averageDecay)),
        ) ?? null;
      const figures = tf.concat([tf.reshape<tf.Rank.R1>(result.loss, [1]), batch.answers.numCorrect(result.logits)]);
      return { tensors: { weights, optimizer, averagedWeights }, figures };
    });
  } finally {
    tf.dispose(kept);
  }
}

/** Computes loss and gradients. @param kept collects the tensors that outlive the tidy of the gradient */
function computeGradients(request: StepRequest, kept: tf.Tensor[]): GradientResult {
  const { architecture, plainLayers, specs, tensors, batch } = request;
  const statistics = new Map<string, BatchStatistics>();
  const trainable = specs.flatMap((spec, i) =>
    spec.trainable ? [{ name: spec.name, tensor: tensors.weights[i] }] : [],
  );
  const weight = weightReader(specs, tensors.weights);
  let logits: tf.Tensor | undefined;
  const loss = (): tf.Scalar => {
    const output = runNetwork(architecture, plainLayers, weight, batch.images, {
      dropoutMask: batch.dropoutMask,
      onBatchStatistics: (layerName, batchStatistics) => {
        kept.push(batchStatistics.mean, batchStatistics.variance);
        statistics.set(layerName, batchStatistics);
      },
    });
    logits = tf.keep(output);
    kept.push(output);
    return batch.answers.meanLoss(output);
  };
  const { value, grads } = tf.valueAndGrads(loss)(trainable.map(({ tensor }) => tensor));
  if (logits === undefined) throw new Error('takeStep: the loss must have been computed');
  const gradients = new Map(trainable.map(({ name }, i) => [name, grads[i]]));
  return { loss: value, logits, gradients, statistics };
}

function moveWeights(
  request: StepRequest,
  { gradients, statistics }: GradientResult,
): { weights: tf.Tensor[]; optimizer: tf.Tensor[] } {
  const { settings, specs, tensors, learningRate, step } = request;
  const numTrainable = gradients.size;
  const numSlots = tensors.optimizer.length / numTrainable;
  const optimizer = [...tensors.optimizer];
  let slot = 0;
  const weights = specs.map((spec, i) => {
    const gradient = gradients.get(spec.name);
    if (gradient === undefined) return moveStatistic(request, spec, tensors.weights[i], statistics);
    // Slots of one kind are adjacent: all m, then all v.
    const places = Array.from({ length: numSlots }, (_, kind) => kind * numTrainable + slot);
    slot++;
    const updated = updateWeight(settings.optimizer, {
      weight: tensors.weights[i],
      memory: places.map((place) => tensors.optimizer[place]),
      gradient,
      isKernel: spec.role === 'kernel',
      learningRate,
      step,
    });
    places.forEach((place, kind) => {
      optimizer[place] = updated.memory[kind];
    });
    return updated.weight;
  });
  return { weights, optimizer };
}

function moveStatistic(
  { architecture }: StepRequest,
  spec: WeightSpec,
  moving: tf.Tensor,
  statistics: ReadonlyMap<string, BatchStatistics>,
): tf.Tensor {
  const layer = architecture.layers[spec.layerIndex];
  const batch = statistics.get(layer.name);
  if (layer.type !== 'batchNormalization' || batch === undefined) {
    throw new Error(`takeStep: weight "${spec.name}" must be trainable or a moving statistic`);
  }
  const value = spec.role === 'moving_mean' ? batch.mean : batch.variance;
  return tf.add(tf.mul(moving, layer.momentum), tf.mul(value, 1 - layer.momentum));
}

/**
 * Runs `tf.tidy` for results that are objects of tensors: frees every tensor that `compute` made, except those in its result.
 *
 * @param compute must be synchronous; its fields may be null, which the typings of TensorFlow.js forbid
 */
export function tidyObject<T extends object>(compute: () => T): T {
  return tf.tidy(() => compute() as tf.TensorContainerObject) as T;
}
