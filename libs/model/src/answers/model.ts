import { nullable } from 'valibot';
import { choice, fields, type Fields, integer, list, real, text } from '../json.ts';
import { type Architecture, numClassesOf } from '../network/architecture.ts';
import { checkWeights } from '../network/engine-arguments.ts';
import { ARCHITECTURE_LIMITS } from '../network/layers.ts';
import { hashWeights, sha256Schema } from '../network/weight-bytes.ts';
import type { Weights } from '../network/weights.ts';
import { checkEvaluation, CLASS_NAME, evaluationSchema } from './evaluation.ts';
import { checkRejectionRule, rejectionSchema } from './rejection.ts';

/** A trained network with everything needed to serve it. */
export interface Model {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly metadata: ModelMetadata;
}

/** Schemas of what is known of a model, by field. */
export const METADATA = {
  /** The recipe it was trained by, or null. */
  preset: nullable(CLASS_NAME),
  seed: nullable(integer(0)),
  /** Training images that were held out with that seed by `stratifiedSplit`, or null. */
  validationSize: nullable(integer(1)),
  /** What it was trained on, by name or path, or null where unknown. */
  dataset: nullable(fields({ name: text(4096), sha256: sha256Schema })),
  /** `[numClasses]`; the network has as many outputs, or one more, which then means "no digit". */
  classNames: list(CLASS_NAME, 1, ARCHITECTURE_LIMITS.dimension),
  /**
   * What labelled images go through first: `none`, `resize` for plain resizing, or `picture` for the path from a picture to MNIST's
   * form. Pictures are resized, too, for a model that was trained with `resize`.
   */
  preprocessing: choice(['none', 'resize', 'picture']),
  /** Figures on the test split, or null where it was not read. */
  testMetrics: nullable(evaluationSchema),
  /** What logits are divided by before the softmax; 1 until calibrated. */
  temperature: real(0.01, 100),
  /** Null until fitted: nothing is rejected. */
  rejection: nullable(rejectionSchema),
  /** Of the float32 `weights.bin` as trained; rounded weights keep the hash of what they were rounded from. */
  weightsSha256: sha256Schema,
};

/** What is known of a model beyond its network. */
export type ModelMetadata = Fields<typeof METADATA>;

/**
 * Puts a model together; facts not given are those of a freshly trained, uncalibrated one.
 *
 * @param weights float32 as trained; `weightsSha256` is computed from them unless given
 * @throws RangeError when the weights are not those of the architecture, its outputs not as many as the class names or one more,
 *   or the rejection rule needs an output that it lacks
 */
export function createModel(architecture: Architecture, weights: Weights, facts: Partial<ModelMetadata> = {}): Model {
  checkWeights('createModel', architecture, weights);
  const numOutputs = numClassesOf(architecture);
  const metadata: ModelMetadata = {
    preset: null,
    seed: null,
    validationSize: null,
    dataset: null,
    classNames: Array.from({ length: numOutputs }, (_, label) => String(label)),
    preprocessing: 'none',
    testMetrics: null,
    temperature: 1,
    rejection: null,
    ...facts,
    weightsSha256: facts.weightsSha256 ?? hashWeights(weights),
  };
  checkMetadata(metadata, numOutputs, 'createModel: ');
  return { architecture, weights, metadata };
}

/**
 * Checks the rules that concern a model's facts and the network's outputs together.
 *
 * @param where what stands before a field's name in error messages
 * @throws RangeError naming the field, the rule and what was found
 */
export function checkMetadata(metadata: ModelMetadata, numOutputs: number, where: string): void {
  const { classNames, rejection, testMetrics } = metadata;
  // The last output may mean "no digit", but there are at least two classes.
  const leastClasses = Math.max(2, numOutputs - 1);
  if (classNames.length !== numOutputs && classNames.length !== leastClasses) {
    const alternative = leastClasses < numOutputs ? `, or ${leastClasses} where the last output is "no digit"` : '';
    throw new RangeError(`${where}classNames must have ${numOutputs} items${alternative}, got ${classNames.length}`);
  }
  checkRejectionRule(where, rejection, numOutputs - classNames.length);
  if (testMetrics !== null) checkEvaluation(testMetrics, classNames.length, `${where}testMetrics`);
}
