import type { LabelledImages } from '@digits/data';
import type { Engine } from './engine.ts';
import { createModel, type Model } from './model.ts';
import { leadingColumns, predictLogits } from './predict-logits.ts';
import { ruleFromLogits } from './rejection-fit.ts';
import { numClassesOf } from './shape-inference.ts';
import { fitTemperature } from './temperature-fit.ts';
import { type Precision, roundWeights } from './weight-encoding.ts';

/** How a trained model is finished. */
export interface CalibrationOptions {
  /** How its kernels will be stored; everything else is fitted to the rounded ones. Default float32. */
  readonly precision?: Precision;
  /** Share of the validation digits that must be answered, in (0, 1]; default as `fitRejection`. */
  readonly keep?: number;
}

/**
 * Finishes a trained model: rounds its weights as they will be stored, then fits temperature and rejection rule to the rounded ones.
 * Store it with the same precision, which changes nothing any more. `weightsSha256` stays that of the weights as trained.
 *
 * @param digits the validation split, without made negatives
 * @throws RangeError where there are no digits, they do not fit the network, or weights can't be stored so
 * @example
 * ```ts
 * const { digits } = prepareTrainingData(stored, config);
 * const finished = await calibrateModel(model, engine, digits, { precision: config.precision });
 * ```
 */
export async function calibrateModel(
  model: Model,
  engine: Engine,
  digits: LabelledImages,
  { precision = 'float32', keep }: CalibrationOptions = {},
): Promise<Model> {
  const { architecture, metadata } = model;
  const numClasses = metadata.classNames.length;
  const numOutputs = numClassesOf(architecture);
  const weights = roundWeights(model.weights, precision);
  const logits = await predictLogits({ architecture, weights }, engine, digits);
  const temperature = fitTemperature(leadingColumns(logits, numOutputs, numClasses), digits.labels, numClasses);
  const rejection = ruleFromLogits(logits, numOutputs, numClasses, keep);
  return createModel(architecture, weights, { ...metadata, temperature, rejection });
}
