import { type LabelledImages, normaliseImages } from '@digits/data';
import { numClassesOf } from '../network/architecture.ts';
import type { Activation, Engine } from '../network/engine.ts';
import { evaluateProbabilities, type Evaluation, type Split } from './evaluation.ts';
import type { Model } from './model.ts';
import { rejectionScores } from './rejection.ts';
import { leadingColumns, mostProbableClasses, softmax } from './softmax.ts';

/** The answer to one image. Plain values, fit for `JSON.stringify`. */
export interface Classification {
  /** The most probable class, or null if the image is rejected as not a digit. */
  readonly digit: number | null;
  /** Calibrated probability of the most probable class, rejected or not. */
  readonly confidence: number;
  /** `[numClasses]` probabilities of the digits, which sum to 1. */
  readonly probabilities: readonly number[];
  readonly rejected: boolean;
}

/** A model made ready to answer. */
export interface Classifier {
  readonly model: Model;
  /**
   * @param images `[n, h, w, c]` float32 in [0, 1], white ink on black; n of any size, 0 too
   * @returns `[n]`
   * @throws RangeError when the length is not that of whole images
   */
  classify(images: Float32Array): Promise<readonly Classification[]>;
  /**
   * As `classify`, for what was found side by side in one picture. Where at least half of two or more images are digits, the
   * others most likely are too: they are refused only where "no digit" is more probable than all digits together. The model's own
   * threshold is stricter, since it is for images of which nothing is known. Networks without an output for "no digit" keep it.
   *
   * @param images `[h, w, c]` float32 in [0, 1] each
   * @returns an answer to each image, in their order
   * @throws RangeError when the lengths together are not that of whole images
   */
  classifyTogether(images: readonly Float32Array[]): Promise<readonly Classification[]>;
  /**
   * @param images as for `classify`
   * @returns `[n, numClasses]` calibrated probabilities
   */
  probabilities(images: Float32Array): Promise<Float64Array>;
  /**
   * How likely each image is each digit, and a digit at all: what tells where one digit ends and the next begins.
   *
   * @param images as for `classify`
   * @returns `[n, numClasses]` calibrated probabilities; with a network that knows "no digit", a row lacks its share of 1
   */
  jointProbabilities(images: Float32Array): Promise<Float64Array>;
  /**
   * @param image `[h, w, c]` float32 in [0, 1]
   * @returns the output of every layer, the logits last
   */
  activations(image: Float32Array): Promise<readonly Activation[]>;
  /** Frees what the engine holds; calls after it are refused. */
  dispose(): Promise<void>;
}

/**
 * Makes a model ready to answer on an engine. The caller disposes of it.
 *
 * @throws RangeError when the weights are not those of the architecture
 */
export async function createClassifier(model: Model, engine: Engine): Promise<Classifier> {
  const { architecture, weights, metadata } = model;
  const numClasses = metadata.classNames.length;
  const numOutputs = numClassesOf(architecture);
  const predictor = await engine.createPredictor(architecture, weights);
  return {
    model,
    classify: async (images) => classifyLogits(model, await predictor.predict(images)),
    classifyTogether: async (images) => classifyNeighbours(model, await predictor.predict(joinImages(images))),
    probabilities: async (images) => {
      const digits = leadingColumns(await predictor.predict(images), numOutputs, numClasses);
      return softmax(digits, numClasses, metadata.temperature);
    },
    jointProbabilities: async (images) => {
      const probabilities = softmax(await predictor.predict(images), numOutputs, metadata.temperature);
      return probabilities.filter((_, i) => i % numOutputs < numClasses);
    },
    activations: (image) => predictor.activations(image),
    dispose: () => predictor.dispose(),
  };
}

/**
 * Answers from what a network gave: the temperature and the rule of rejection are the model's.
 *
 * @param logits `[n, numOutputs]` of the model's own network
 * @returns `[n]`
 * @throws RangeError when the length is no multiple of the network's outputs
 */
export function classifyLogits({ architecture, metadata }: Model, logits: Float32Array): readonly Classification[] {
  const { temperature, rejection, classNames } = metadata;
  const numClasses = classNames.length;
  const numOutputs = numClassesOf(architecture);
  if (logits.length % numOutputs !== 0) {
    throw new RangeError(`classifyLogits: logits must have a multiple of ${numOutputs} values, got ${logits.length}`);
  }
  const digits = leadingColumns(logits, numOutputs, numClasses);
  const probabilities = softmax(digits, numClasses, temperature);
  const scores =
    rejection === null ? null : rejectionScores(logits, numOutputs, { ...rejection, numClasses, temperature });
  return Array.from(mostProbableClasses(digits, numClasses), (digit, n): Classification => {
    const row = Array.from(probabilities.subarray(n * numClasses, (n + 1) * numClasses));
    const rejected = rejection !== null && scores !== null && scores[n] < rejection.threshold;
    return { digit: rejected ? null : digit, confidence: row[digit], probabilities: row, rejected };
  });
}

function joinImages(images: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(images.reduce((sum, { length }) => sum + length, 0));
  images.reduce((start, image) => {
    joined.set(image, start);
    return start + image.length;
  }, 0);
  return joined;
}

/** The score `none` is the log odds of being a digit. */
const EVEN_ODDS = 0;

function classifyNeighbours(model: Model, logits: Float32Array): readonly Classification[] {
  const alone = classifyLogits(model, logits);
  const { rejection } = model.metadata;
  const numAccepted = alone.filter(({ rejected }) => !rejected).length;
  if (rejection?.score !== 'none' || alone.length < 2 || numAccepted * 2 < alone.length) return alone;
  const threshold = Math.min(rejection.threshold, EVEN_ODDS);
  return classifyLogits({ ...model, metadata: { ...model.metadata, rejection: { ...rejection, threshold } } }, logits);
}

const CHUNK = 1000;

/**
 * Runs a classifier on a labelled set.
 *
 * @param options `onProgress` is told how many images are answered, `signal` ends it with its reason
 * @returns the figures and the probabilities behind them, `[count, numClasses]`
 * @throws RangeError when there are no images, or they do not fit the model
 */
export async function evaluateClassifier(
  classifier: Classifier,
  dataset: LabelledImages,
  split: Split,
  options: { readonly onProgress?: (numAnswered: number) => void; readonly signal?: AbortSignal } = {},
): Promise<{ readonly evaluation: Evaluation; readonly probabilities: Float64Array }> {
  const { images, labels, count } = dataset;
  if (count < 1) throw new RangeError(`evaluateClassifier: ${split} images must be at least 1, got 0`);
  const { classNames } = classifier.model.metadata;
  const probabilities = new Float64Array(count * classNames.length);
  const imageSize = images.length / count;
  for (let start = 0; start < count; start += CHUNK) {
    options.signal?.throwIfAborted();
    const end = Math.min(start + CHUNK, count);
    const chunk = normaliseImages(images.subarray(start * imageSize, end * imageSize));
    probabilities.set(await classifier.probabilities(chunk), start * classNames.length);
    options.onProgress?.(end);
  }
  return { evaluation: evaluateProbabilities(labels, probabilities, classNames, split), probabilities };
}
