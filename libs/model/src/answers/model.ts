import { type Architecture, numClassesOf } from '../network/architecture.ts';
import { checkWeights } from '../network/engine-arguments.ts';
import { bytesOfTensors, sha256, type Weights } from '../network/weights.ts';
import type { Evaluation } from './evaluation.ts';
import { checkRejectionRule, type RejectionRule } from './rejection.ts';

/** A trained network with everything needed to serve it. */
export interface Model {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly metadata: ModelMetadata;
}

/** What is known of a model beyond its network. */
export interface ModelMetadata {
  /** The recipe it was trained by, or null. */
  readonly preset: string | null;
  readonly seed: number | null;
  /** Training images that were held out with that seed by `stratifiedSplit`, or null. */
  readonly validationSize: number | null;
  /** What it was trained on, or null where unknown. */
  readonly dataset: { readonly name: string; readonly sha256: string } | null;
  /** `[numClasses]`; the network has as many outputs, or one more, the last, which then stands for "no digit". */
  readonly classNames: readonly string[];
  /** What labelled images go through first: `none`, or `picture` for the path from a picture to MNIST's form. */
  readonly preprocessing: 'none' | 'picture';
  /** Figures on the test split, or null where it was not read. */
  readonly testMetrics: Evaluation | null;
  /** What logits are divided by before the softmax; 1 until calibrated. */
  readonly temperature: number;
  /** Null until fitted: nothing is rejected. */
  readonly rejection: RejectionRule | null;
  /** Of the float32 `weights.bin` as trained; rounded weights keep the hash of what they were rounded from. */
  readonly weightsSha256: string;
}

/**
 * Puts a model together; facts not given are those of a freshly trained, uncalibrated one.
 *
 * @param weights float32 as trained; `weightsSha256` is computed from them unless given
 * @throws RangeError when the weights are not those of the architecture, its outputs not as many as the class names or one more,
 *   or images shall be rejected by an output that it lacks
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
  checkOutputs('createModel', metadata, numOutputs);
  return { architecture, weights, metadata };
}

/** Refuses facts that do not fit the network's outputs. */
function checkOutputs(caller: string, { classNames, rejection }: ModelMetadata, numOutputs: number): void {
  if (classNames.length !== numOutputs && classNames.length !== leastClasses(numOutputs)) {
    const alternative =
      leastClasses(numOutputs) < numOutputs ? `, or ${numOutputs - 1} where the last output is "no digit"` : '';
    throw new RangeError(`${caller}: classNames must be ${numOutputs}${alternative}, got ${classNames.length}`);
  }
  checkRejectionRule(caller, rejection, numOutputs - classNames.length);
}

/**
 * Gives the fewest classes that a network may tell apart.
 *
 * @returns one less than it has outputs, as the last may stand for "no digit"; but two at least
 */
export function leastClasses(numOutputs: number): number {
  return Math.max(2, numOutputs - 1);
}

/**
 * Names weights by their content.
 *
 * @returns SHA-256 of the float32 `weights.bin`, 64 hexadecimal digits
 */
export function hashWeights(weights: Weights): string {
  return sha256(bytesOfTensors(weights));
}
