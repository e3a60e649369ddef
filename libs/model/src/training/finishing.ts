import type { LabelledImages } from '@digits/data';
import { calibrateModel } from '../answers/calibration.ts';
import { createClassifier, evaluateClassifier } from '../answers/classifier.ts';
import { type Evaluation, evaluateProbabilities } from '../answers/evaluation.ts';
import { createModel, type Model, type ModelMetadata } from '../answers/model.ts';
import type { Engine } from '../network/engine.ts';
import type { Weights } from '../network/weights.ts';
import type { PreparedTrainingData } from './data.ts';
import type { TrainingConfig } from './settings.ts';

/** A trained network, the images that it is judged by, and what is known of its data set. */
export interface TrainedNetwork<Test extends LabelledImages | null> extends Partial<
  Pick<ModelMetadata, 'classNames' | 'dataset' | 'preprocessing'>
> {
  /** Configuration of the run; preset, seed and validation size go into the model, `precision` rounds its weights. */
  readonly config: TrainingConfig;
  /** Weights as `train` gives them. */
  readonly weights: Weights;
  readonly engine: Engine;
  /** Of the prepared images, the validation split without negatives is read. */
  readonly data: Pick<PreparedTrainingData, 'digits'>;
  /** The test split, or null if it is not to be read. */
  readonly test: Test;
  /** Called before each part of the work. */
  readonly onStage?: (stage: 'calibrating' | 'testing') => void;
}

/** A model that is ready to be saved, with its figures. */
export interface FinishedTraining<Test extends LabelledImages | null> {
  readonly model: Model;
  /** Figures on the validation split. */
  readonly validation: Evaluation;
  /** `[digits.count, numClasses]` calibrated probabilities behind `validation`. */
  readonly validationProbabilities: Float64Array;
  /** Figures on the test split, which the model carries too; null without one. */
  readonly test: Test extends null ? null : Evaluation;
  /** `[test.count, numClasses]` calibrated probabilities behind `test`. */
  readonly testProbabilities: Test extends null ? null : Float64Array;
}

/**
 * Ends a training run: rounds the weights as they will be stored, fits temperature and rejection rule to the validation digits, and
 * evaluates on the validation split and, once, on the test split.
 *
 * @returns the model, to be saved with the configuration's `precision`, and its figures
 * @throws RangeError if weights, images or class names do not fit the architecture, or a split has no images
 * @example
 * ```ts
 * const { weights } = await train(config, data, engine);
 * const { model, test } = await finishTraining({ config, weights, engine, data, test: mnist.test });
 * await saveModel('my-model', model, { precision: config.precision });
 * ```
 */
export async function finishTraining<Test extends LabelledImages | null>(
  network: TrainedNetwork<Test>,
): Promise<FinishedTraining<Test>> {
  const { config, weights, engine, test, onStage, dataset = null, preprocessing = 'none' } = network;
  const { architecture, preset, seed, validationSize, precision } = config;
  const { digits } = network.data;
  const { classNames = Array.from({ length: digits.numClasses }, (_, label) => String(label)) } = network;
  const facts = { preset, seed, validationSize, dataset, classNames, preprocessing };
  const trained = createModel(architecture, weights, facts);
  onStage?.('calibrating');
  const { model, probabilities } = await calibrateModel(trained, engine, digits, { precision });
  const validation = evaluateProbabilities(digits.labels, probabilities, classNames, 'validation');
  const figures = { validation, validationProbabilities: probabilities };
  if (test === null) return { model, ...figures, test: null, testProbabilities: null } as FinishedTraining<Test>;
  onStage?.('testing');
  const tested = await evaluateOnTest(model, engine, test);
  return {
    model: createModel(architecture, model.weights, { ...model.metadata, testMetrics: tested.evaluation }),
    ...figures,
    test: tested.evaluation,
    testProbabilities: tested.probabilities,
  } as FinishedTraining<Test>;
}

async function evaluateOnTest(model: Model, engine: Engine, test: LabelledImages) {
  const classifier = await createClassifier(model, engine);
  try {
    return await evaluateClassifier(classifier, test, 'test');
  } finally {
    await classifier.dispose();
  }
}
