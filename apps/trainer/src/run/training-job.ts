import type { LabelledImages } from '@digits/data';
import {
  checkResumable,
  countParameters,
  type Engine,
  isPixelPreset,
  train,
  type TrainingConfig,
  type TrainingControl,
  TrainingDivergedError,
  type TrainingResult,
} from '@digits/model';
import { join } from 'node:path';
import { prepareClassRun } from './class-run.ts';
import { createEngine } from './engine.ts';
import { preparePixelRun } from './pixel-run.ts';
import {
  appendHistory,
  openRunFolder,
  readCheckpoint,
  removeFiles,
  REPORT_FILE,
  type RunFolder,
  startHistory,
  writeCheckpoint,
  writeJson,
} from './run-folder.ts';
import type { PreparedRun, TrainingEvent } from './prepared-run.ts';
import { describeRun, FAILURE_FILE, readRunRecord, type RunFailure, type TrainingSummary } from './run-record.ts';
import { startStepLog } from './step-log.ts';
import { startTensorboardLog } from './tensorboard.ts';
import { startingWeights } from './trained-model.ts';
import type { RunRequest } from './training-request.ts';

/** What a run ends with. */
export interface FinishedRun {
  readonly summary: TrainingSummary;
  /** The test split as the network got it; null for a network that answers for pixels. */
  readonly test: LabelledImages | null;
}

/** How a training is ended early. Nothing here changes what it gives in the end. */
export interface TrainingStops {
  /** Ends the training with the best weights so far; the model is saved and evaluated all the same. */
  readonly signal: AbortSignal;
  /** Leaves a checkpoint and no model, to be resumed. */
  readonly pause?: AbortSignal;
  /** Pauses after this number of completed epochs if the run has more; the schedule stays that of all its epochs. */
  readonly pauseAfterEpoch?: number;
}

/**
 * Trains, saves the model, and measures it: on the test split, which is read once, or on generated pages.
 *
 * @param emit is told what happens, as it happens
 * @returns null if the training was paused
 * @throws UsageError for settings that cannot be; Error for data, a folder or an engine that cannot
 */
export async function runTrainingJob(
  request: RunRequest,
  emit: (event: TrainingEvent) => void,
  stops: TrainingStops,
): Promise<FinishedRun | null> {
  const { signal } = stops;
  const prepared = isPixelPreset(request.preset)
    ? await preparePixelRun(request, emit, signal)
    : await prepareClassRun(request, emit);
  const { config, data } = prepared;
  const engine = await createEngine(request.engine);
  const start = await readStart(request, prepared);
  const run = await openRunFolder(request.out, request.resume);
  for (const text of prepared.notes) emit({ type: 'note', text });
  emit({ type: 'note', text: `${config.preset ?? 'custom'} on ${prepared.summary}; run folder ${run.path}` });

  await writeDescription(run, { request, prepared, start, emit });
  const result = await trainInto(run, { request, prepared, start, engine, emit, stops });
  if (result === null) return null;
  const { figures, weightsSha256, test } = await prepared.finish(run, result.weights, engine);

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
    weightsSha256,
    modelDir: run.modelDir,
    report: join(run.path, REPORT_FILE),
    ...figures,
  };
  await writeJson(run, 'metrics.json', summary);
  return { summary, test };
}

/** What a training goes on from: a checkpoint, or else weights of another model; nothing of a fresh one. */
type TrainingStart = Pick<TrainingControl, 'resumeFrom' | 'initialWeights'>;

async function readStart({ resume, out, init }: RunRequest, { config, data }: PreparedRun): Promise<TrainingStart> {
  const checkpoint = resume ? await readCheckpoint(out) : null;
  if (checkpoint !== null) {
    checkResumable(checkpoint, config, data);
    return { resumeFrom: checkpoint };
  }
  return init === undefined ? {} : { initialWeights: await startingWeights(init, config) };
}

/**
 * Writes `config.json` of a run that begins or gets more epochs, and removes what an earlier end of it left. A run that goes on as it was
 * asked for keeps its own.
 */
async function writeDescription(
  run: RunFolder,
  { request, prepared, start, emit }: Pick<TrainingContext, 'request' | 'prepared' | 'start' | 'emit'>,
): Promise<void> {
  const { config } = prepared;
  const { resumeFrom } = start;
  const asked = { ...request, resume: false };
  await removeFiles(run, [FAILURE_FILE]);
  if (resumeFrom === undefined) {
    await writeJson(run, 'config.json', describeRun(asked, prepared));
    await prepared.writeFacts(run);
    return;
  }
  const { config: then, epoch: epochsDone } = resumeFrom;
  if (then.epochs === config.epochs) return;
  const { description } = await readRunRecord(run.path);
  const { extensions = [] } = description;
  // A run that was killed before its first checkpoint since then has this extension already.
  const isKnown = extensions.at(-1)?.epochs === then.epochs && description.config.epochs === config.epochs;
  await writeJson(run, 'config.json', {
    ...description,
    request: asked,
    config,
    extensions: isKnown ? extensions : [...extensions, { epochs: then.epochs, epochsDone }],
  });
  await removeFiles(run, ['metrics.json']);
  emit({ type: 'note', text: describeExtension(then.epochs, config) });
}

function describeExtension(epochs: number, { epochs: newEpochs, schedule }: TrainingConfig): string {
  const change = `The run had ${epochs} epochs and now has ${newEpochs}`;
  return schedule.type === 'constant'
    ? `${change}; its learning rate is constant, so it ends as if they had been asked for at first.`
    : `${change}. From here on its learning rate follows the schedule of ${newEpochs}, so it does not end as a run of ${newEpochs} from the start.`;
}

interface TrainingContext {
  readonly request: RunRequest;
  readonly prepared: PreparedRun;
  readonly start: TrainingStart;
  readonly engine: Engine;
  readonly emit: (event: TrainingEvent) => void;
  readonly stops: TrainingStops;
}

/** @returns null if the training was paused */
async function trainInto(run: RunFolder, context: TrainingContext): Promise<TrainingResult | null> {
  const { request, prepared, start, engine, emit, stops } = context;
  const { config, data } = prepared;
  const history = start.resumeFrom?.history ?? [];
  await startHistory(run, history);
  const tensorboard =
    request.tensorboard === true ? await startTensorboardLog(join(run.path, 'tensorboard'), history) : null;
  const stepsPerEpoch = Math.ceil(data.train.count / config.batchSize);
  const { epoch = 0, stepInEpoch = 0 } = start.resumeFrom ?? {};
  const steps = await startStepLog(
    run.path,
    { stepsPerEpoch, epochs: config.epochs },
    epoch * stepsPerEpoch + stepInEpoch,
  );
  const pause = new AbortController();
  const pauseIfDue = (epochsDone: number) => {
    if (epochsDone >= (stops.pauseAfterEpoch ?? Infinity)) pause.abort();
  };
  stops.pause?.addEventListener('abort', () => {
    pause.abort();
  });
  if (stops.pause?.aborted === true) pause.abort();
  pauseIfDue(epoch);
  const training = train(config, data, engine, {
    signal: AbortSignal.any([stops.signal, pause.signal]),
    ...start,
    checkpointSeconds: request.checkpointSeconds,
    onProgress: (progress) => {
      emit({ type: 'progress', progress });
    },
    onSteps: (plan, report) => {
      steps.add(plan, report);
    },
    onEpoch: async (summary) => {
      emit({ type: 'epoch', summary, numEpochs: config.epochs });
      await appendHistory(run, summary);
      await tensorboard?.append(summary);
    },
    onCheckpoint: async (checkpoint) => {
      await steps.flush();
      await writeCheckpoint(run, checkpoint);
      pauseIfDue(checkpoint.epoch);
    },
  });
  const ended = training.then((result) => (pause.signal.aborted && result.stopped === 'aborted' ? null : result));
  return ended.catch(async (error: unknown) => {
    if (error instanceof TrainingDivergedError) {
      await writeJson(run, FAILURE_FILE, { reason: 'diverged', message: error.message } satisfies RunFailure);
    }
    throw error;
  });
}
