import type { LabelledImages } from '@digits/data';
import { calibrateModel } from '../answers/calibration.ts';
import { createClassifier, evaluateClassifier } from '../answers/classifier.ts';
import type { Evaluation } from '../answers/evaluation.ts';
import { createModel, type Model, type ModelMetadata } from '../answers/model.ts';
import type { Engine } from '../network/engine.ts';
import type { Weights } from '../network/weights.ts';
import type { TrainingConfig } from './settings.ts';
import type { PreparedTrainingData } from './training-data.ts';

/** A run whose training has ended. */
export interface EndedTraining {
  readonly config: TrainingConfig;
  /** The weights that were kept, as {@link TrainingResult.weights}. */
  readonly weights: Weights;
  readonly engine: Engine;
  readonly data: Pick<PreparedTrainingData, 'digits'>;
  /** The test split, which is read once; null leaves it unread. */
  readonly test: LabelledImages | null;
  /** Facts of the data set, for the model's metadata. */
  readonly facts: Pick<ModelMetadata, 'classNames'> & Partial<Pick<ModelMetadata, 'dataset' | 'preprocessing'>>;
  /** Called before the test split is read. */
  readonly onTesting?: () => void;
}

/** A model that is ready to be saved, and how good it is. */
export interface FinishedTraining {
  /** Calibrated, with the figures of the test split in its metadata. Save it with `config.precision`. */
  readonly model: Model;
  readonly validation: Evaluation;
  /** Null if the test split was left unread. */
  readonly test: Evaluation | null;
  /** `[test.count, numClasses]` calibrated probabilities, or null likewise. */
  readonly testProbabilities: Float64Array | null;
}

/** A finished run whose test split was read. */
export interface TestedTraining extends FinishedTraining {
  readonly test: Evaluation;
  readonly testProbabilities: Float64Array;
}

/**
 * Finishes a run: creates the model, calibrates it on the validation digits, then evaluates it on them and once on the test split.
 *
 * @throws RangeError if the images do not fit the network
 * @example
 * ```ts
 * const { weights } = await train(config, data, engine);
 * const { model, test } = await finishTraining({ config, weights, engine, data, test: mnist.test, facts: { classNames } });
 * ```
 */
export function finishTraining(ended: EndedTraining & { readonly test: LabelledImages }): Promise<TestedTraining>;
export function finishTraining(ended: EndedTraining): Promise<FinishedTraining>;
export async function finishTraining(ended: EndedTraining): Promise<FinishedTraining> {
  const { config, weights, engine, data, test, facts, onTesting } = ended;
  const { architecture, preset, seed, validationSize, precision } = config;
  const trained = createModel(architecture, weights, { ...facts, preset, seed, validationSize });
  const model = await calibrateModel(trained, engine, data.digits, { precision });
  const classifier = await createClassifier(model, engine);
  try {
    const { evaluation: validation } = await evaluateClassifier(classifier, data.digits, 'validation');
    if (test === null) return { model, validation, test: null, testProbabilities: null };
    onTesting?.();
    const { evaluation, probabilities } = await evaluateClassifier(classifier, test, 'test');
    const metadata = { ...model.metadata, testMetrics: evaluation };
    return {
      model: createModel(model.architecture, model.weights, metadata),
      validation,
      test: evaluation,
      testProbabilities: probabilities,
    };
  } finally {
    await classifier.dispose();
  }
}
