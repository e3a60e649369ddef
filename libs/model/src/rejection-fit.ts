import type { LabelledImages } from '@digits/data';
import type { Engine } from './engine.ts';
import type { Model } from './model.ts';
import { predictLogits } from './predict-logits.ts';
import { rejectionScores, type RejectionRule } from './rejection.ts';
import { fitRejectionThreshold } from './rejection-threshold.ts';
import { numClassesOf } from './shape-inference.ts';

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

/**
 * Fits the rule to what a network says of the validation digits.
 *
 * @param logits `[n, numOutputs]`
 * @param numClasses as many as there are outputs, or one less
 */
export function ruleFromLogits(
  logits: Float32Array,
  numOutputs: number,
  numClasses: number,
  keep = KEEP,
): RejectionRule {
  const score = numOutputs > numClasses ? 'none' : 'energy';
  const scores = rejectionScores(logits, numOutputs, { numClasses, score });
  return { score, threshold: fitRejectionThreshold(scores, keep) };
}
