import { portableExp, portableLog } from '@digits/data';
import type { Activation, Engine } from './engine.ts';
import { numClassesOf } from './shape-inference.ts';
import type { Model, RejectionRule } from './model.ts';
import { mostProbableClasses, softmax } from './softmax.ts';

/** The answer to one image. Plain values, fit for `JSON.stringify`. */
export interface Classification {
  /** The most probable class, or null where the image is rejected as no digit. */
  readonly digit: number | null;
  /** Calibrated probability of the most probable class, rejected or not. */
  readonly confidence: number;
  /** `[numClasses]`, summing to 1. */
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
   * @param images as for `classify`
   * @returns `[n, numClasses]` calibrated probabilities
   */
  probabilities(images: Float32Array): Promise<Float64Array>;
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
  const { temperature, rejection } = metadata;
  const numClasses = numClassesOf(architecture);
  const predictor = await engine.createPredictor(architecture, weights);
  return {
    model,
    classify: async (images) => {
      const logits = await predictor.predict(images);
      const probabilities = softmax(logits, numClasses, temperature);
      return Array.from(mostProbableClasses(logits, numClasses), (digit, n): Classification => {
        const row = Array.from(probabilities.subarray(n * numClasses, (n + 1) * numClasses));
        const rejected = isRejected(rejection, row[digit], logits.subarray(n * numClasses, (n + 1) * numClasses));
        return { digit: rejected ? null : digit, confidence: row[digit], probabilities: row, rejected };
      });
    },
    probabilities: async (images) => softmax(await predictor.predict(images), numClasses, temperature),
    activations: (image) => predictor.activations(image),
    dispose: () => predictor.dispose(),
  };
}

/**
 * Scores how much an image looks like a digit to the network; higher is more.
 *
 * @param logits `[numClasses]`
 * @returns log(sum(exp(logits))), the negative of the free energy
 * @see https://arxiv.org/abs/2010.03759 Liu et al., "Energy-based out-of-distribution detection"
 */
export function energyScore(logits: Float32Array): number {
  const max = logits.reduce((largest, logit) => Math.max(largest, logit), -Infinity);
  return max + portableLog(logits.reduce((sum, logit) => sum + portableExp(logit - max), 0));
}

function isRejected(rule: RejectionRule | null, confidence: number, logits: Float32Array): boolean {
  if (rule === null) return false;
  switch (rule.score) {
    case 'confidence':
      return confidence < rule.threshold;
    case 'energy':
      return energyScore(logits) < rule.threshold;
  }
}
