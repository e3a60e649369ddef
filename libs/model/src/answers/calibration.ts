import { type LabelledImages, normaliseImages, portableLog } from '@digits/data';
import { logLoss } from '@digits/metrics';
import { numClassesOf } from '../network/architecture.ts';
import type { Engine } from '../network/engine.ts';
import { type Precision, roundWeights } from '../network/weight-bytes.ts';
import { createModel, type Model } from './model.ts';
import { fitRejectionThreshold, type RejectionRule, rejectionScores } from './rejection.ts';
import { leadingColumns, softmax } from './softmax.ts';

/** The range searched: what a few images say can't turn answers into certainties or into guesses. */
const LOWEST = 0.2;
const HIGHEST = 5;

/** The golden section, which keeps one of two inner points for the next round. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Rounds, each of which leaves 62% of the range: 30 leave 3e-6 of it. */
const ROUNDS = 30;

/**
 * Fits the temperature: the one that logits are divided by for the lowest log loss. The loss is convex in its inverse, which is
 * searched; no host function is used, so that the answer is the same everywhere.
 *
 * @param logits `[n, numClasses]` of the validation split
 * @param labels `[n]`, n of at least 1
 * @returns in [0.2, 5]; above 1 where the network is too sure of itself, below where it is too modest
 * @throws RangeError where lengths do not fit
 * @see https://arxiv.org/abs/1706.04599 Guo et al., "On Calibration of Modern Neural Networks"
 */
export function fitTemperature(logits: Float32Array, labels: Uint8Array, numClasses: number): number {
  const lossAt = (inverse: number): number =>
    logLoss(labels, softmax(logits, numClasses, 1 / inverse), numClasses, { log: portableLog });
  let [low, high] = [1 / HIGHEST, 1 / LOWEST];
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let [lossLeft, lossRight] = [lossAt(left), lossAt(right)];
  for (let round = 0; round < ROUNDS; round++) {
    if (lossLeft <= lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - GOLDEN * (high - low);
      lossLeft = lossAt(left);
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + GOLDEN * (high - low);
      lossRight = lossAt(right);
    }
  }
  return 2 / (low + high);
}

const CHUNK = 1000;

/**
 * Runs a network on all images of a set.
 *
 * @returns `[count, numOutputs]`, row-major
 * @throws RangeError where the images do not fit the network
 */
async function predictLogits(
  { architecture, weights }: Pick<Model, 'architecture' | 'weights'>,
  engine: Engine,
  { images, count, height, width, channels }: LabelledImages,
): Promise<Float32Array> {
  const numOutputs = numClassesOf(architecture);
  const imageSize = height * width * channels;
  const logits = new Float32Array(count * numOutputs);
  const predictor = await engine.createPredictor(architecture, weights);
  try {
    for (let start = 0; start < count; start += CHUNK) {
      const chunk = images.subarray(start * imageSize, (start + CHUNK) * imageSize);
      logits.set(await predictor.predict(normaliseImages(chunk)), start * numOutputs);
    }
  } finally {
    await predictor.dispose();
  }
  return logits;
}

/**
 * Digits of the validation split to answer, unless told: the largest share with which the preset `world` still refuses 95% of every kind
 * of negatives that it was not trained on (docs/experiments.md).
 */
const KEEP = 0.999;

/**
 * Fits a model's rule for what is "not a digit": the strictest one that still answers so many validation digits. The score is
 * `none` where the network has such an output, else `energy`. Round weights first: the threshold belongs to them.
 *
 * @param digits the validation split, without made negatives
 * @param keep share of the digits that must be answered, in (0, 1]
 * @throws RangeError where there are no digits, they do not fit the network, or `keep` is out of range
 * @example
 * ```ts
 * const rejection = await fitRejection(model, engine, validation);
 * const shipped = createModel(model.architecture, model.weights, { ...model.metadata, rejection });
 * ```
 */
export async function fitRejection(
  model: Model,
  engine: Engine,
  digits: LabelledImages,
  keep?: number,
): Promise<RejectionRule> {
  const logits = await predictLogits(model, engine, digits);
  return ruleFromLogits(logits, numClassesOf(model.architecture), model.metadata.classNames.length, keep);
}

/** @param logits `[n, numOutputs]` of the validation digits */
function ruleFromLogits(logits: Float32Array, numOutputs: number, numClasses: number, keep = KEEP): RejectionRule {
  const score = numOutputs > numClasses ? 'none' : 'energy';
  const scores = rejectionScores(logits, numOutputs, { numClasses, score });
  return { score, threshold: fitRejectionThreshold(scores, keep) };
}

/** How a trained model is calibrated. */
interface CalibrationOptions {
  /** How its kernels will be stored; everything else is fitted to the rounded ones. Default float32. */
  readonly precision?: Precision;
  /** Share of the validation digits that must be answered, in (0, 1]; default as `fitRejection`. */
  readonly keep?: number;
}

/**
 * Rounds a trained model's weights as they will be stored, then fits temperature and rejection rule to the rounded ones. Storing it
 * with the same precision changes nothing any more. `weightsSha256` stays that of the weights as trained.
 *
 * @param digits the validation split, without negatives
 * @returns the model, and its calibrated probabilities for the digits, `[count, numClasses]`
 * @throws RangeError if there are no digits, they do not fit the network, or weights can't be stored like that
 */
export async function calibrateModel(
  model: Model,
  engine: Engine,
  digits: LabelledImages,
  { precision = 'float32', keep }: CalibrationOptions = {},
): Promise<{ readonly model: Model; readonly probabilities: Float64Array }> {
  const { architecture, metadata } = model;
  const numClasses = metadata.classNames.length;
  const numOutputs = numClassesOf(architecture);
  const weights = roundWeights(model.weights, precision);
  const logits = await predictLogits({ architecture, weights }, engine, digits);
  const digitLogits = leadingColumns(logits, numOutputs, numClasses);
  const temperature = fitTemperature(digitLogits, digits.labels, numClasses);
  const rejection = ruleFromLogits(logits, numOutputs, numClasses, keep);
  return {
    model: createModel(architecture, weights, { ...metadata, temperature, rejection }),
    probabilities: softmax(digitLogits, numClasses, temperature),
  };
}
