import type { LabelledImages } from '@digits/data';
import { loadDataset } from '@digits/data/node';
import {
  calibrateModel,
  countParameters,
  createClassifier,
  createModel,
  type Engine,
  type EpochSummary,
  evaluateClassifier,
  type Evaluation,
  type Model,
  prepareTrainingData,
  type PreparedTrainingData,
  train,
  type TrainingConfig,
  type TrainingProgress,
  type TrainingResult,
} from '@digits/model';
import { saveModel } from '@digits/model/node';
import { cpus, totalmem } from 'node:os';
import { createEngine } from './engines.ts';
import { preprocess, preprocessingFor } from './prepared-data.ts';
import type { Progress } from './progress.ts';
import {
  appendHistory,
  openRunFolder,
  readCheckpoint,
  type RunFolder,
  startHistory,
  writeCheckpoint,
  writeJson,
} from './run-folder.ts';
import { trainingConfigFor, type TrainingRequest } from './training-request.ts';

/** What a run tells while it goes on, and at its end. */
export type TrainingEvent =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'epoch'; readonly summary: EpochSummary; readonly numEpochs: number }
  | { readonly type: 'done'; readonly summary: TrainingSummary }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string; readonly isUsageError: boolean };

/** What `train --json` prints: field names are a contract. */
export interface TrainingSummary {
  readonly preset: string | null;
  readonly engine: string;
  readonly threads: number;
  readonly seed: number;
  readonly parameters: number;
  readonly epochs: number;
  readonly stopped: TrainingResult['stopped'];
  readonly bestEpoch: number | null;
  /** Training and validation, in seconds; loading and the test split aside. */
  readonly trainingSeconds: number;
  /** Training images a second over the epochs, validation included. */
  readonly imagesPerSecond: number;
  readonly weightsSha256: string;
  readonly modelDir: string;
  readonly validation: Evaluation;
  readonly test: Evaluation;
}

const CHECKPOINT_SECONDS = 60;

/** A data set made ready for one run. */
interface PreparedRun {
  readonly data: PreparedTrainingData;
  readonly test: LabelledImages;
  readonly config: TrainingConfig;
  readonly preprocessing: Model['metadata']['preprocessing'];
  readonly checksum: string;
}

/**
 * Trains, saves the model, and reads the test split once.
 *
 * @param emit is told what happens, as it happens
 * @param signal ends the training with the best weights so far; the model is saved and evaluated all the same
 * @throws UsageError for settings that cannot be; Error for data, a folder or an engine that cannot
 */
export async function runTrainingJob(
  request: TrainingRequest,
  emit: (event: TrainingEvent) => void,
  signal: AbortSignal,
): Promise<TrainingSummary> {
  const prepared = await prepareRun(request);
  const { config, data } = prepared;
  const engine = await createEngine(request.engine);
  const run = await openRunFolder(request.out, request.resume);
  const counts = `${data.train.count} training, ${data.validation.count} validation, ${prepared.test.count} test images`;
  emit({ type: 'note', text: `${config.preset ?? 'custom'} on ${request.dataset}: ${counts}; run folder ${run.path}` });

  if (!request.resume) await writeJson(run, 'config.json', describeRun(request, prepared));
  const result = await trainInto(run, { request, prepared, engine, emit, signal });
  const trained = createModel(config.architecture, result.weights, {
    classNames: Array.from({ length: prepared.test.numClasses }, (_, label) => String(label)),
    preset: config.preset,
    seed: config.seed,
    dataset: { name: request.dataset, sha256: prepared.checksum },
    preprocessing: prepared.preprocessing,
    validationSize: config.validationSize,
  });
  const { precision } = config;
  const model = await calibrateModel(trained, engine, data.digits, { precision });
  const { validation, test } = await evaluateOnce(model, engine, prepared);
  await saveModel(
    run.modelDir,
    createModel(model.architecture, model.weights, { ...model.metadata, testMetrics: test }),
    { precision },
  );

  const trainingSeconds = result.history.reduce((sum, { seconds }) => sum + seconds, 0);
  const summary: TrainingSummary = {
    preset: config.preset,
    engine: engine.name,
    threads: request.engine.threads,
    seed: config.seed,
    parameters: countParameters(config.architecture).trainable,
    epochs: result.history.length,
    stopped: result.stopped,
    bestEpoch: result.bestEpoch,
    trainingSeconds,
    imagesPerSecond: trainingSeconds > 0 ? (data.train.count * result.history.length) / trainingSeconds : 0,
    weightsSha256: model.metadata.weightsSha256,
    modelDir: run.modelDir,
    validation,
    test,
  };
  await writeJson(run, 'metrics.json', summary);
  return summary;
}

async function prepareRun(request: TrainingRequest): Promise<PreparedRun> {
  const dataset = await loadDataset(request.dataset);
  const preprocessing = preprocessingFor(dataset.train, request.preprocess);
  const stored = preprocess(dataset.train, preprocessing);
  const config = trainingConfigFor(request, stored);
  return {
    data: prepareTrainingData(stored, config),
    test: preprocess(dataset.test, preprocessing),
    config,
    preprocessing,
    checksum: dataset.checksum,
  };
}

/** What `config.json` says: enough to repeat the run. */
function describeRun(request: TrainingRequest, { config, checksum, preprocessing }: PreparedRun) {
  return {
    request,
    config,
    dataset: { source: request.dataset, sha256: checksum, preprocessing },
    versions: { node: process.version },
    machine: {
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    startedAt: new Date().toISOString(),
  };
}

interface TrainingContext {
  readonly request: TrainingRequest;
  readonly prepared: PreparedRun;
  readonly engine: Engine;
  readonly emit: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

async function trainInto(run: RunFolder, context: TrainingContext): Promise<TrainingResult> {
  const { request, prepared, engine, emit, signal } = context;
  const { config, data } = prepared;
  const resumeFrom = request.resume ? await readCheckpoint(run) : undefined;
  await startHistory(run, resumeFrom?.history ?? []);
  return train(config, data, engine, {
    signal,
    checkpointSeconds: CHECKPOINT_SECONDS,
    ...(resumeFrom !== undefined && { resumeFrom }),
    onProgress: (progress) => {
      emit({ type: 'progress', progress: displayProgress(progress, config, data.train.count) });
    },
    onEpoch: async (summary) => {
      emit({ type: 'epoch', summary, numEpochs: config.epochs });
      await appendHistory(run, summary);
    },
    onCheckpoint: (checkpoint) => writeCheckpoint(run, checkpoint),
  });
}

function displayProgress(progress: TrainingProgress, config: TrainingConfig, numSamples: number): Progress {
  const { epoch, step, totalSteps, stepsPerEpoch, loss, accuracy, imagesPerSecond } = progress;
  const stepInEpoch = step - epoch * stepsPerEpoch;
  return {
    epoch,
    numEpochs: config.epochs,
    numSamples,
    numSamplesDone: Math.min(stepInEpoch * config.batchSize, numSamples),
    loss,
    accuracy,
    imagesPerSecond,
    secondsLeft: ((totalSteps - step) * config.batchSize) / imagesPerSecond,
  };
}

/** Reads validation and test split with the weights that were chosen. */
async function evaluateOnce(
  model: Model,
  engine: Engine,
  { data, test }: PreparedRun,
): Promise<{ validation: Evaluation; test: Evaluation }> {
  const classifier = await createClassifier(model, engine);
  try {
    return {
      validation: (await evaluateClassifier(classifier, data.digits, 'validation')).evaluation,
      test: (await evaluateClassifier(classifier, test, 'test')).evaluation,
    };
  } finally {
    await classifier.dispose();
  }
}
