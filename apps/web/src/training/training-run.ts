import { MNIST_CHECKSUM } from '@digits/data';
import {
  countParameters,
  encodeModel,
  type Engine,
  type Evaluation,
  finishTraining,
  type ModelFiles,
  prepareTrainingData,
  type StopReason,
  train,
  trainingConfigFor,
  type TrainingRequest,
} from '@digits/model';
import type { Mnist } from './load-mnist.ts';
import { type RunWatchOptions, watchRun } from './run-watch.ts';
import { steer, type Wheel } from './steering.ts';

/** What the page can ask for: a preset with another seed or number of epochs. */
export interface PageRequest extends TrainingRequest {
  readonly settings: { readonly seed: number; readonly epochs: number };
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
  request: PageRequest,
  mnist: Mnist,
  options: TrainingRunOptions,
): Promise<TrainingOutcome> {
  const config = trainingConfigFor(request, mnist.train);
  options.emit({ type: 'preparing' });
  const data = prepareTrainingData(mnist.train, config);
  const { wheel, signal, emit } = options;
  const watch = watchRun(config, data, options);
  const result = await train(config, data, steer(options.engine, wheel, watch), {
    signal,
    onProgress: watch.onProgress,
    onEpoch: watch.onEpoch,
  });
  const { model, test } = await finishTraining({
    config,
    weights: result.weights,
    engine: options.engine,
    data,
    test: mnist.test,
    dataset: { name: 'mnist', sha256: MNIST_CHECKSUM },
    onStage: (stage) => {
      if (stage === 'testing') emit({ type: 'testing' });
    },
  });
  return {
    weightsSha256: model.metadata.weightsSha256,
    isComparable: result.stopped !== 'aborted' && !wheel.hasChangedRates(),
    stopped: result.stopped,
    bestEpoch: result.bestEpoch,
    seconds: watch.secondsTraining(),
    parameters: countParameters(config.architecture).trainable,
    test,
    files: encodeModel(model, { precision: config.precision }),
  };
}
