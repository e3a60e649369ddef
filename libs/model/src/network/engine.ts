import type { AugmentationSettings } from '@digits/data';
import type { Architecture } from './architecture.ts';
import type { OptimizerSettings } from './optimizer.ts';
import type { TrainingImages } from './training-images.ts';
import type { NamedTensor, Weights } from './weights.ts';

/*
 * The rules that every engine keeps, which make engines interchangeable (`engineContract` of `@digits/engine-contract`
 * tests them, against a reference in double precision):
 *
 * - Loss of a network that answers for classes: softmax cross-entropy with smoothed labels, the mean over the batch.
 *   `numCorrect` counts images whose largest logit (the first of equals) is the label's.
 * - Loss of a network that answers for pixels: sigmoid cross-entropy of each logit with its target / 255, the mean over all
 *   pixels and channels, then over the batch. `numCorrect` counts the logits of which logit > 0 is equal to target >= 128: a step
 *   may have at most 2^32 - 1 of them. There is neither label smoothing nor augmentation.
 * - Batch normalisation normalises a training batch by its own mean and biased variance over all axes but the last, and moves
 *   the moving statistics by the layer's momentum in the same step.
 * - Max pooling passes the gradient to the first of equals, row by row.
 * - Dropout: element e (index into the flattened output of one sample) of sample s in epoch t is kept if and only if
 *   uniform(word e % 4 of block floor(e / 4) of {seed, purpose dropout, site = index of the layer, epoch t, sample s}) >= float32(rate).
 *   What is kept is multiplied by float32(1 / (1 - rate)).
 * - Optimizers: see {@link OptimizerSettings}; Adam's t is `firstStep` + index in the plan + 1.
 * - After each step: average = d * average + (1 - d) * weights, for every weight, moving statistics included. The average
 *   starts as a copy of the initial weights.
 * - Arguments are checked by `checkSession`, `checkPlan`, `checkState` and `checkImages` of this lib; a refused call changes nothing.
 * - `dispose` can be called twice. Every other call after it is refused with an error that says "disposed".
 */

/** Settings of a training session that never change; {@link StepPlan} has what changes from step to step. */
export interface SessionSettings {
  /** Keys every random number of the steps (dropout, augmentation). */
  readonly seed: number;
  /** The largest batch that a plan will ask for. */
  readonly batchSize: number;
  readonly optimizer: OptimizerSettings;
  /** Label smoothing in [0, 1): the target is (1 - labelSmoothing) * oneHot + labelSmoothing / numClasses. */
  readonly labelSmoothing: number;
  /** Whether an exponential moving average of all weights (moving statistics too) is kept beside them. */
  readonly averageWeights: boolean;
  /** Distortions of the training images, or null for none. */
  readonly augmentation: AugmentationSettings | null;
  readonly initialWeights: Weights;
}

/** Consecutive steps of one epoch, in one call. */
export interface StepPlan {
  /** Counted from 0; keys the random numbers together with the sample's index. */
  readonly epoch: number;
  /** Steps taken before this plan since the weights were new, over all epochs: Adam's bias correction needs it. */
  readonly firstStep: number;
  /** Indices into the training set, batch after batch. */
  readonly samples: Uint32Array;
  /** Samples in each step; sums to `samples.length`. */
  readonly batchSizes: Uint32Array;
  /** Learning rate of each step. */
  readonly learningRates: Float32Array;
  /** Per step, d in: average = d * average + (1 - d) * weights. Ignored without `averageWeights`. */
  readonly averageDecays: Float32Array;
}

/** What the steps of a plan gave, on the training batches as the network saw them (dropout and augmentation on). */
export interface StepReport {
  /** Mean loss over each step's batch. A NaN stops training in `model`. */
  readonly losses: Float32Array;
  /** Correct answers in each step's batch: images, or pixels times channels. */
  readonly numCorrect: Uint32Array;
}

/** Everything that the next step depends on, so that `setState(getState())` changes nothing, in this engine or another. */
export interface TrainingState {
  readonly weights: Weights;
  /** Present with `averageWeights`. */
  readonly averagedWeights: Weights | null;
  /** The optimizer's memory: `momentum/<weight>`, or `m/<weight>` and `v/<weight>`; trainable weights only, all zero when new. */
  readonly optimizer: readonly NamedTensor[];
}

/** A network in training, with its data set, on the engine that made it. */
export interface TrainingSession {
  /** Takes the plan's steps, one after the other. */
  trainSteps(plan: StepPlan): Promise<StepReport>;
  /**
   * Runs the network as when predicting (moving statistics, no dropout, no augmentation).
   *
   * @param images `[n, h, w, c]` uint8
   * @param which the weights to use; `averaged` needs `averageWeights`
   * @returns `[n, numClasses]` logits, or `[n, ...targetShape]` for pixels
   */
  evaluate(images: Uint8Array, which: 'current' | 'averaged'): Promise<Float32Array>;
  /** @returns a copy of everything that the next step depends on */
  getState(): Promise<TrainingState>;
  /**
   * Goes on from a state of this or another engine.
   *
   * @throws RangeError naming the first tensor that does not fit the session
   */
  setState(state: TrainingState): Promise<void>;
  /** Frees threads and memory. Calls after it are refused; calls under way end with an error. */
  dispose(): Promise<void>;
}

/** What one layer gave for one image. */
export interface Activation {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A network that only answers. */
export interface Predictor {
  /**
   * @param images `[n, h, w, c]` float32 in [0, 1]; `n` of any size, 0 too
   * @returns `[n, numClasses]` logits, or `[n, h, w, channels]` (the output of the last layer) for pixels; a new array
   */
  predict(images: Float32Array): Promise<Float32Array>;
  /**
   * @param image `[h, w, c]` float32 in [0, 1]
   * @returns the output of every layer of the architecture, in its order
   */
  activations(image: Float32Array): Promise<readonly Activation[]>;
  /** Frees what the engine holds. Calls after it are refused. */
  dispose(): Promise<void>;
}

/** The port: what `model` needs of whatever runs a network. */
export interface Engine {
  /** `reference` is the slow one of `@digits/engine-contract`. */
  readonly name: 'simd' | 'tfjs' | 'reference';
  /**
   * Makes a network ready to train on a data set; the caller disposes of it.
   *
   * @param dataset labelled images for a network that answers for classes, images with targets for one that answers for pixels
   * @throws RangeError when the architecture, the settings or the data set do not fit together
   */
  createTrainingSession(
    architecture: Architecture,
    settings: SessionSettings,
    dataset: TrainingImages,
  ): Promise<TrainingSession>;
  /**
   * Makes a network ready to answer; the caller disposes of it.
   *
   * @throws RangeError when the weights are not those of the architecture
   */
  createPredictor(architecture: Architecture, weights: Weights): Promise<Predictor>;
}
