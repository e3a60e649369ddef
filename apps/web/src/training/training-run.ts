import { MNIST_CHECKSUM } from '@digits/data';
import {
  calibrateModel,
  countParameters,
  createClassifier,
  createModel,
  encodeModel,
  type Engine,
  type Evaluation,
  evaluateClassifier,
  type Model,
  type ModelFiles,
  prepareTrainingData,
  presetConfig,
  type PresetName,
  type StopReason,
  train,
} from '@digits/model';
import type { Mnist } from './load-mnist.ts';
import { type RunWatchOptions, watchRun } from './run-watch.ts';
import { steer, type Wheel } from './steering.ts';

/** What one run is asked to do. */
export interface TrainingRequest {
  readonly preset: PresetName;
  readonly seed: number;
  readonly epochs: number;
}

/** What a run leaves. */
export interface TrainingOutcome {
  /** SHA-256 of the float32 weights. */
  readonly weightsSha256: string;
  /** Whether a run of the trainer with the same preset, seed and epochs has the same hash. */
  readonly isComparable: boolean;
  readonly stopped: StopReason;
  readonly bestEpoch: number | null;
  readonly seconds: number;
  readonly parameters: number;
  readonly test: Evaluation;
  readonly files: ModelFiles;
}

/** What a run needs. */
export interface TrainingRunOptions extends RunWatchOptions {
  readonly engine: Engine;
  readonly wheel: Wheel;
  /** Ends the run with the best weights so far. */
  readonly signal: AbortSignal;
}

/**
 * Trains as the trainer does: the same images, steps, weights and model file for the same preset, seed and epochs.
 *
 * @throws RangeError for a seed or epochs out of range
 */
export async function runTraining(
  { preset, seed, epochs }: TrainingRequest,
  mnist: Mnist,
  options: TrainingRunOptions,
): Promise<TrainingOutcome> {
  const config = presetConfig(preset, { seed, epochs });
  options.emit({ type: 'preparing' });
  const data = prepareTrainingData(mnist.train, config);
  const { wheel, signal, emit } = options;
  const watch = watchRun(config, data, options);
  const result = await train(config, data, steer(options.engine, wheel, watch), {
    signal,
    onProgress: watch.onProgress,
    onEpoch: watch.onEpoch,
  });
  watch.show();
  const classNames = Array.from({ length: mnist.train.numClasses }, (_, label) => String(label));
  const trained = createModel(config.architecture, result.weights, {
    classNames,
    preset,
    seed,
    dataset: { name: 'mnist', sha256: MNIST_CHECKSUM },
    validationSize: config.validationSize,
  });
  const { precision } = config;
  const model = await calibrateModel(trained, options.engine, data.digits, { precision });
  emit({ type: 'testing' });
  const test = await evaluate(model, options.engine, mnist);
  const finished = createModel(model.architecture, model.weights, { ...model.metadata, testMetrics: test });
  return {
    weightsSha256: model.metadata.weightsSha256,
    isComparable: result.stopped !== 'aborted' && !wheel.hasChangedRates(),
    stopped: result.stopped,
    bestEpoch: result.bestEpoch,
    seconds: watch.secondsTraining(),
    parameters: countParameters(config.architecture).trainable,
    test,
    files: encodeModel(finished, { precision }),
  };
}

async function evaluate(model: Model, engine: Engine, { test }: Mnist): Promise<Evaluation> {
  const classifier = await createClassifier(model, engine);
  try {
    return (await evaluateClassifier(classifier, test, 'test')).evaluation;
  } finally {
    await classifier.dispose();
  }
}
