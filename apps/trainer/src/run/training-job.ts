import type { LabelledImages } from '@digits/data';
import {
  countParameters,
  type Engine,
  type EpochSummary,
  finishTraining,
  type Model,
  prepareTrainingData,
  type PreparedTrainingData,
  train,
  type TrainingConfig,
  type TrainingControl,
  type TrainingProgress,
  type TrainingResult,
} from '@digits/model';
import { saveModel } from '@digits/model/node';
import { join } from 'node:path';
import { openDataset } from '../dataset/open-dataset.ts';
import { createEngine } from './engine.ts';
import {
  appendHistory,
  openRunFolder,
  PREDICTIONS_FILE,
  readCheckpoint,
  REPORT_FILE,
  type RunFolder,
  startHistory,
  writeCheckpoint,
  writeJson,
  writePredictions,
} from './run-folder.ts';
import { describeRun, type TrainingSummary } from './run-record.ts';
import { startTensorboardLog } from './tensorboard.ts';
import { startingWeights } from './trained-model.ts';
import { configFor, type RunRequest } from './training-request.ts';

/** What a run tells while it goes on, and at its end. */
export type TrainingEvent =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'progress'; readonly progress: TrainingProgress }
  | { readonly type: 'epoch'; readonly summary: EpochSummary; readonly numEpochs: number }
  | { readonly type: 'done'; readonly summary: TrainingSummary }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string; readonly isUsageError: boolean };

/** A data set made ready for one run. */
interface PreparedRun {
  readonly data: PreparedTrainingData;
  readonly test: LabelledImages;
  readonly config: TrainingConfig;
  readonly preprocessing: Model['metadata']['preprocessing'];
  readonly checksum: string;
  readonly classNames: readonly string[];
  readonly notes: readonly string[];
}

/** What a run ends with. */
export interface FinishedRun {
  readonly summary: TrainingSummary;
  /** The test split as the network got it. */
  readonly test: LabelledImages;
}

/**
 * Trains, saves the model, and reads the test split once.
 *
 * @param emit is told what happens, as it happens
 * @param signal ends the training with the best weights so far; the model is saved and evaluated all the same
 * @throws UsageError for settings that cannot be; Error for data, a folder or an engine that cannot
 */
export async function runTrainingJob(
  request: RunRequest,
  emit: (event: TrainingEvent) => void,
  signal: AbortSignal,
): Promise<FinishedRun> {
  const prepared = await prepareRun(request);
  const { config, data } = prepared;
  const engine = await createEngine(request.engine);
  const start = await readStart(request, config);
  const run = await openRunFolder(request.out, request.resume);
  const counts = `${data.train.count} training, ${data.validation.count} validation, ${prepared.test.count} test images`;
  for (const text of prepared.notes) emit({ type: 'note', text });
  emit({ type: 'note', text: `${config.preset ?? 'custom'} on ${request.dataset}: ${counts}; run folder ${run.path}` });

  if (!request.resume) await writeJson(run, 'config.json', describeRun(request, prepared));
  const result = await trainInto(run, { request, prepared, start, engine, emit, signal });
  const { model, validation, test, testProbabilities } = await finishTraining({
    config,
    weights: result.weights,
    engine,
    data,
    test: prepared.test,
    classNames: prepared.classNames,
    dataset: { name: request.dataset, sha256: prepared.checksum },
    preprocessing: prepared.preprocessing,
  });
  await saveModel(run.modelDir, model, { precision: config.precision });

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
    report: join(run.path, REPORT_FILE),
    validation,
    test,
  };
  await writePredictions(
    join(run.path, PREDICTIONS_FILE),
    { labels: prepared.test.labels, probabilities: testProbabilities },
    model.metadata.classNames,
  );
  await writeJson(run, 'metrics.json', summary);
  return { summary, test: prepared.test };
}

async function prepareRun(request: RunRequest): Promise<PreparedRun> {
  const { dataset: source, preprocess, add } = request;
  const { train: stored, test, ...facts } = await openDataset({ source, preprocess, add });
  const config = configFor(request, stored);
  return { data: prepareTrainingData(stored, config), test, config, ...facts };
}

/** What a training goes on from: a checkpoint, or else weights of another model; nothing of a fresh one. */
type TrainingStart = Pick<TrainingControl, 'resumeFrom' | 'initialWeights'>;

async function readStart({ resume, out, init }: RunRequest, config: TrainingConfig): Promise<TrainingStart> {
  const checkpoint = resume ? await readCheckpoint(out) : null;
  if (checkpoint !== null) return { resumeFrom: checkpoint };
  return init === undefined ? {} : { initialWeights: await startingWeights(init, config) };
}

interface TrainingContext {
  readonly request: RunRequest;
  readonly prepared: PreparedRun;
  readonly start: TrainingStart;
  readonly engine: Engine;
  readonly emit: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

async function trainInto(run: RunFolder, context: TrainingContext): Promise<TrainingResult> {
  const { request, prepared, start, engine, emit, signal } = context;
  const { config, data } = prepared;
  const history = start.resumeFrom?.history ?? [];
  await startHistory(run, history);
  const tensorboard =
    request.tensorboard === true ? await startTensorboardLog(join(run.path, 'tensorboard'), history) : null;
  return train(config, data, engine, {
    signal,
    ...start,
    checkpointSeconds: request.checkpointSeconds,
    onProgress: (progress) => {
      emit({ type: 'progress', progress });
    },
    onEpoch: async (summary) => {
      emit({ type: 'epoch', summary, numEpochs: config.epochs });
      await appendHistory(run, summary);
      await tensorboard?.append(summary);
    },
    onCheckpoint: (checkpoint) => writeCheckpoint(run, checkpoint),
  });
}
