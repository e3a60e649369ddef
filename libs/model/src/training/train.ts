import { inferShapes, numClassesOf, outputKind } from '../network/architecture.ts';
import type { Engine, StepPlan, StepReport, TrainingSession } from '../network/engine.ts';
import { shapeSize } from '../network/shapes.ts';
import type { TrainingImages } from '../network/training-images.ts';
import { initialWeights, type Weights } from '../network/weights.ts';
import { balanceClasses } from './balanced-images.ts';
import { checkTrainingData } from './check-data.ts';
import { checkResumable, datasetFingerprint, type TrainingCheckpoint } from './checkpoint.ts';
import type { TrainingData } from './data.ts';
import {
  type EpochSummary,
  type StopReason,
  TrainingDivergedError,
  type TrainingProgress,
  type TrainingResult,
} from './result.ts';
import { type EarlyStoppingSettings, type TrainingConfig, validateTrainingConfig } from './settings.ts';
import { createTimetable, learningRateAt, type TrainingTimetable } from './timetable.ts';
import { validatePixels } from './pixel-validation.ts';
import { validate } from './validation.ts';

/** How a run is watched, stopped and resumed; nothing here changes its weights. */
export interface TrainingControl {
  /** Called after each few steps. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Called after each few steps with the steps taken and their losses. */
  readonly onSteps?: (plan: StepPlan, report: StepReport) => void;
  /** Called after each epoch, and waited for. */
  readonly onEpoch?: (summary: EpochSummary) => void | Promise<void>;
  /** Called after each epoch, after `checkpointSeconds`, and when aborted; waited for. */
  readonly onCheckpoint?: (checkpoint: TrainingCheckpoint) => void | Promise<void>;
  /** Seconds after which a checkpoint is due within an epoch too; default: only after each epoch. */
  readonly checkpointSeconds?: number;
  /** Ends the run at the next opportunity, with the best weights so far. */
  readonly signal?: AbortSignal;
  /**
   * Goes on from here, and ends as the uninterrupted run would have. With another number of epochs than the checkpoint's, the learning
   * rate follows the schedule of the new number from here on.
   */
  readonly resumeFrom?: TrainingCheckpoint;
  /** Weights to start from instead of the seed's, for fine-tuning. */
  readonly initialWeights?: Weights;
  /** Steps in one call of the engine; default: about a quarter of a second's worth. */
  readonly stepsPerPlan?: number;
}

/** Where a run stands: a checkpoint without what only the engine knows and what never changes. */
type RunPosition = Omit<TrainingCheckpoint, 'config' | 'datasetSha256' | 'state'>;

interface Run {
  readonly config: TrainingConfig;
  readonly data: TrainingData<TrainingImages>;
  /** What `numCorrect` counts for each image: 1, or pixels times channels. */
  readonly answersPerImage: number;
  readonly session: TrainingSession;
  readonly timetable: TrainingTimetable;
  readonly control: TrainingControl;
  readonly checkpoint: (position: RunPosition) => Promise<void>;
}

const FIRST_POSITION: RunPosition = {
  epoch: 0,
  stepInEpoch: 0,
  lossSum: 0,
  numCorrect: 0,
  seconds: 0,
  history: [],
  best: null,
  patience: { validationLoss: null, epochsWaited: 0 },
};

const MAX_STEPS_PER_PLAN = 64;
const SECONDS_PER_PLAN = 0.25;

/**
 * Trains a network, on labelled images or on images with targets: epochs of shuffled batches with a scheduled learning rate, each followed by an evaluation on the
 * validation split that decides which weights are kept.
 *
 * The same configuration, data and initial weights give the same result whatever `control` says, to the bit where the engine
 * is reproducible. The seconds in the history are the one exception.
 *
 * @returns the best weights; `stopped` says whether the run was completed, stopped early or aborted
 * @throws TypeError or RangeError for a configuration, data or checkpoint that do not fit together
 * @throws TrainingDivergedError when the loss is not finite
 */
export async function train(
  config: TrainingConfig,
  data: TrainingData<TrainingImages>,
  engine: Engine,
  control: TrainingControl = {},
): Promise<TrainingResult> {
  checkTrainingArguments(config, data, control);
  const { resumeFrom } = control;
  if (resumeFrom !== undefined) checkResumable(resumeFrom, config, data);
  const datasetSha256 = datasetFingerprint(data);

  const balanced =
    config.sampling === 'balanced' && 'labels' in data.train ? balanceClasses(data.train, config.seed) : null;
  const session = await engine.createTrainingSession(
    config.architecture,
    {
      seed: config.seed,
      batchSize: Math.min(config.batchSize, data.train.count),
      optimizer: config.optimizer,
      labelSmoothing: config.labelSmoothing,
      averageWeights: config.averageDecay !== null,
      augmentation: config.augmentation,
      initialWeights: control.initialWeights ?? initialWeights(config.architecture, config.seed),
    },
    balanced?.images ?? data.train,
  );
  try {
    if (resumeFrom !== undefined) await session.setState(resumeFrom.state);
    const timetable = createTimetable(config, data.train.count, balanced?.drawEpoch);
    const checkpoint = async (position: RunPosition): Promise<void> => {
      await control.onCheckpoint?.({ ...position, config, datasetSha256, state: await session.getState() });
    };
    const answersPerImage = answersPerImageOf(config);
    const run: Run = { config, data, answersPerImage, session, timetable, control, checkpoint };
    return await runEpochs(run, resumeFrom ?? FIRST_POSITION);
  } finally {
    await session.dispose();
  }
}

function answersPerImageOf({ architecture }: TrainingConfig): number {
  if (outputKind(architecture) === 'classes') return 1;
  return shapeSize(inferShapes(architecture)[architecture.layers.length - 1]);
}

function checkTrainingArguments(
  config: TrainingConfig,
  data: TrainingData<TrainingImages>,
  control: TrainingControl,
): void {
  validateTrainingConfig(config);
  checkTrainingData(config.architecture, data);
  const { stepsPerPlan = 1, checkpointSeconds = 1 } = control;
  if (!Number.isInteger(stepsPerPlan) || stepsPerPlan < 1) {
    throw new RangeError(`train: stepsPerPlan must be a whole number of at least 1, got ${stepsPerPlan}`);
  }
  if (!(checkpointSeconds > 0)) {
    throw new RangeError(`train: checkpointSeconds must be above 0, got ${checkpointSeconds}`);
  }
}

async function runEpochs(run: Run, start: RunPosition): Promise<TrainingResult> {
  const { config, control, timetable, checkpoint } = run;
  let position = start;
  while (position.epoch < config.epochs) {
    if (shouldStopEarly(position, config.earlyStopping)) return resultOf(run, position, 'earlyStopping');
    position = await trainEpoch(run, position);
    if (position.stepInEpoch < timetable.stepsPerEpoch) {
      await checkpoint(position);
      return resultOf(run, position, 'aborted');
    }
    const startedAt = performance.now();
    const { loss, accuracy } = await validateRun(run);
    const learningRate = lastLearningRate(run, position);
    if (!Number.isFinite(loss)) {
      throw new TrainingDivergedError(loss, (position.epoch + 1) * timetable.stepsPerEpoch, learningRate);
    }
    const weights = await latestWeights(run);
    const summary: EpochSummary = {
      epoch: position.epoch + 1,
      trainLoss: position.lossSum / run.data.train.count,
      trainAccuracy: position.numCorrect / (run.data.train.count * run.answersPerImage),
      validationLoss: loss,
      validationAccuracy: accuracy,
      learningRate,
      seconds: position.seconds + secondsSince(startedAt),
    };
    position = nextPosition(position, summary, weights, config.earlyStopping);
    await control.onEpoch?.(summary);
    await checkpoint(position);
  }
  return resultOf(run, position, 'completed');
}

function validateRun({ config, data: { validation }, session }: Run) {
  const which = config.averageDecay === null ? 'current' : 'averaged';
  if ('targets' in validation) return validatePixels(session, which, validation);
  return validate(session, which, validation, numClassesOf(config.architecture), config.labelSmoothing);
}

/** Takes the rest of the epoch's steps, or those until aborted. */
async function trainEpoch(run: Run, start: RunPosition): Promise<RunPosition> {
  const { control, timetable, session, checkpoint } = run;
  const { stepsPerEpoch } = timetable;
  const order = timetable.shuffle(start.epoch);
  let position = start;
  let planSize = control.stepsPerPlan ?? 1;
  let checkpointAt = performance.now();
  while (position.stepInEpoch < stepsPerEpoch && control.signal?.aborted !== true) {
    const endStep = Math.min(position.stepInEpoch + planSize, stepsPerEpoch);
    const plan = timetable.plan(position.epoch, order, position.stepInEpoch, endStep);
    const startedAt = performance.now();
    const report = await session.trainSteps(plan);
    const seconds = secondsSince(startedAt);
    position = { ...addReport(position, plan, report), stepInEpoch: endStep, seconds: position.seconds + seconds };
    control.onSteps?.(plan, report);
    control.onProgress?.(progressOf(run, position, plan, seconds));
    planSize = control.stepsPerPlan ?? nextPlanSize(planSize, seconds);
    if (secondsSince(checkpointAt) >= (control.checkpointSeconds ?? Infinity) && endStep < stepsPerEpoch) {
      await checkpoint(position);
      checkpointAt = performance.now();
    }
  }
  return position;
}

/** @param seconds that the plan took */
function progressOf(
  { config, data, answersPerImage, timetable }: Run,
  position: RunPosition,
  plan: StepPlan,
  seconds: number,
) {
  const { epochs, batchSize } = config;
  const { stepsPerEpoch, totalSteps } = timetable;
  const { epoch, stepInEpoch, lossSum, numCorrect } = position;
  const numSamples = data.train.count;
  const numSamplesDone = Math.min(stepInEpoch * batchSize, numSamples);
  const step = epoch * stepsPerEpoch + stepInEpoch;
  const imagesPerSecond = plan.samples.length / Math.max(seconds, 1e-6);
  return {
    epoch: epoch + 1,
    numEpochs: epochs,
    step,
    totalSteps,
    stepsPerEpoch,
    numSamples,
    numSamplesDone,
    loss: lossSum / numSamplesDone,
    accuracy: numCorrect / (numSamplesDone * answersPerImage),
    learningRate: plan.learningRates[plan.learningRates.length - 1],
    imagesPerSecond,
    secondsLeft: ((totalSteps - step) * batchSize) / imagesPerSecond,
  } satisfies TrainingProgress;
}

/** Adds a plan's figures one step after the other, so that the sums do not depend on how steps were cut into plans. */
function addReport(position: RunPosition, plan: StepPlan, report: StepReport): RunPosition {
  let { lossSum, numCorrect } = position;
  report.losses.forEach((loss, i) => {
    if (!Number.isFinite(loss)) throw new TrainingDivergedError(loss, plan.firstStep + i + 1, plan.learningRates[i]);
    lossSum += loss * plan.batchSizes[i];
    numCorrect += report.numCorrect[i];
  });
  return { ...position, lossSum, numCorrect };
}

/** Grows or shrinks plans towards {@link SECONDS_PER_PLAN}, so that progress and abort stay responsive on any machine. */
function nextPlanSize(planSize: number, seconds: number): number {
  const wanted = Math.floor((planSize * SECONDS_PER_PLAN) / Math.max(seconds, 1e-6));
  return Math.max(1, Math.min(wanted, 2 * planSize, MAX_STEPS_PER_PLAN));
}

function nextPosition(
  { epoch, history, best, patience }: RunPosition,
  summary: EpochSummary,
  weights: Weights,
  earlyStopping: EarlyStoppingSettings | null,
): RunPosition {
  const { validationLoss } = summary;
  const mustGetBelow = (patience.validationLoss ?? Infinity) - (earlyStopping?.minDelta ?? 0);
  const hasImproved = validationLoss < mustGetBelow;
  const isBest = best === null || validationLoss < best.validationLoss;
  return {
    ...FIRST_POSITION,
    epoch: epoch + 1,
    history: [...history, summary],
    best: isBest ? { epoch: summary.epoch, validationLoss, weights } : best,
    patience: hasImproved
      ? { validationLoss, epochsWaited: 0 }
      : { ...patience, epochsWaited: patience.epochsWaited + 1 },
  };
}

/** Of the last step of the position's epoch. */
function lastLearningRate({ config, timetable }: Run, { epoch }: RunPosition): number {
  return learningRateAt(config.schedule, (epoch + 1) * timetable.stepsPerEpoch - 1, timetable.totalSteps);
}

/** Seconds since a reading of `performance.now()`. */
function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}

function shouldStopEarly({ patience }: RunPosition, earlyStopping: EarlyStoppingSettings | null): boolean {
  return earlyStopping !== null && patience.epochsWaited >= earlyStopping.patience;
}

async function resultOf(run: Run, position: RunPosition, stopped: StopReason): Promise<TrainingResult> {
  const { best, history, epoch, stepInEpoch } = position;
  return {
    weights: best?.weights ?? (await latestWeights(run)),
    bestEpoch: best?.epoch ?? null,
    history,
    stopped,
    steps: epoch * run.timetable.stepsPerEpoch + stepInEpoch,
  };
}

async function latestWeights({ session }: Run): Promise<Weights> {
  const state = await session.getState();
  return state.averagedWeights ?? state.weights;
}
