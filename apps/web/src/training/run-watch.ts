import {
  type EpochSummary,
  mostProbableClasses,
  numClassesOf,
  smoothedLoss,
  softmax,
  type TrainingConfig,
  type TrainingData,
  type TrainingProgress,
  type TrainingSession,
} from '@digits/model';
import { createAnswerSheet, createRunCurves, type RunCurves, type ValidationAnswers } from './run-record.ts';
import type { SteeredSessionEvents } from './steering.ts';

/** Validation images that are asked about in passing, and how often, so that a run loses a few hundredths of its time. */
const PEEK_IMAGES = 500;
const PEEK_SECONDS = 1.2;
/** A run tells where it stands no more often than this. */
const PROGRESS_SECONDS = 0.2;

/** Figures of a run at one moment: all belong to the same weights. */
export interface RunSnapshot {
  /** Number of steps taken. */
  readonly step: number;
  /** SVG elements as text. */
  readonly curves: { readonly loss: string; readonly accuracy: string };
  /** Latest values of the training curves. */
  readonly training: { readonly loss: number; readonly accuracy: number };
  readonly answers: ValidationAnswers;
}

/** What a run tells while it goes on. */
export type TrainingEvent =
  | { readonly type: 'loading'; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly type: 'preparing' }
  | { readonly type: 'progress'; readonly progress: TrainingProgress }
  | { readonly type: 'snapshot'; readonly snapshot: RunSnapshot }
  | { readonly type: 'epoch'; readonly summary: EpochSummary }
  | { readonly type: 'testing' };

type Emit = (event: TrainingEvent) => void;

/** Gives both charts of a run as SVG elements. */
export type DrawCurves = (curves: ReturnType<RunCurves['read']>) => {
  readonly loss: string;
  readonly accuracy: string;
};

/** Whom a watch tells, and how it draws. */
export interface RunWatchOptions {
  readonly emit: Emit;
  readonly drawCurves: DrawCurves;
}

/** Looks on while a run trains. */
export interface RunWatch extends SteeredSessionEvents {
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly onEpoch: (summary: EpochSummary) => void;
  /** @returns what the steps took, in seconds; pauses do not count */
  readonly secondsTraining: () => number;
}

/** Makes a watch that asks about some validation images now and then, and tells what there is to see. */
export function watchRun(
  config: TrainingConfig,
  { train, validation }: TrainingData,
  { emit, drawCurves }: RunWatchOptions,
): RunWatch {
  const numClasses = numClassesOf(config.architecture);
  const names = Array.from({ length: numClasses }, (_, label) => (label < 10 ? String(label) : 'none'));
  const sheet = createAnswerSheet(validation, names);
  const curves = createRunCurves(config.epochs * Math.ceil(train.count / config.batchSize));
  const speedometer = createSpeedometer();
  let stepsTaken = 0;
  let learningRate = 0;
  let peekedAt = -Infinity;
  let toldAt = -Infinity;

  const peek = async (session: TrainingSession) => {
    const indices = sheet.nextIndices(PEEK_IMAGES);
    const which = config.averageDecay === null ? 'current' : 'averaged';
    const logits = await session.evaluate(sheet.gather(indices), which);
    sheet.clear();
    sheet.write(indices, logits);
    const labels = Uint8Array.from(indices, (index) => validation.labels[index]);
    const figures = measure(labels, logits, config);
    if (Number.isFinite(figures.loss)) curves.addValidation(stepsTaken, figures);
  };
  const show = () => {
    const read = curves.read();
    const training = { loss: latestOf(read.loss), accuracy: latestOf(read.accuracy) };
    emit({
      type: 'snapshot',
      snapshot: { step: stepsTaken, curves: drawCurves(read), training, answers: sheet.read() },
    });
  };
  return {
    secondsTraining: speedometer.seconds,
    onSteps: async (session, plan, report, seconds) => {
      curves.addSteps(plan, report);
      speedometer.add(plan.samples.length, seconds);
      stepsTaken = plan.firstStep + plan.batchSizes.length;
      learningRate = plan.learningRates[plan.learningRates.length - 1];
      if (secondsSince(peekedAt) < PEEK_SECONDS) return;
      await peek(session);
      show();
      peekedAt = performance.now();
    },
    onLogits: (images, logits) => {
      const imageSize = validation.images.length / validation.count;
      const first = (images.byteOffset - validation.images.byteOffset) / imageSize;
      // The first images of another round, which the latest weights answer.
      if (first === 0) sheet.clear();
      sheet.write(
        Uint32Array.from({ length: logits.length / numClasses }, (_, i) => first + i),
        logits,
      );
    },
    onProgress: (progress) => {
      const isEpochsLast = progress.step % progress.stepsPerEpoch === 0;
      if (!isEpochsLast && secondsSince(toldAt) < PROGRESS_SECONDS) return;
      toldAt = performance.now();
      emit({ type: 'progress', progress: shownProgress(progress, config, learningRate, speedometer.read()) });
    },
    onEpoch: (summary) => {
      curves.addValidation(stepsTaken, { loss: summary.validationLoss, accuracy: summary.validationAccuracy });
      emit({ type: 'epoch', summary });
      show();
    },
  };
}

function measure(labels: Uint8Array, logits: Float32Array, { architecture, labelSmoothing }: TrainingConfig) {
  const numClasses = numClassesOf(architecture);
  const probabilities = softmax(logits, numClasses);
  const isFinite = probabilities.every((probability) => Number.isFinite(probability));
  const numRight = mostProbableClasses(logits, numClasses).filter((answer, i) => answer === labels[i]).length;
  return {
    loss: isFinite ? smoothedLoss(labels, probabilities, numClasses, labelSmoothing) : NaN,
    accuracy: numRight / labels.length,
  };
}

/** Images a second, the latest counting most; pauses do not. */
function createSpeedometer() {
  let speed = 0;
  let total = 0;
  return {
    add: (numImages: number, seconds: number) => {
      total += seconds;
      const now = numImages / Math.max(seconds, 1e-6);
      speed = speed === 0 ? now : 0.8 * speed + 0.2 * now;
    },
    read: () => speed,
    seconds: () => total,
  };
}

/** Returns the progress with the learning rate and the speed that the steered run really has. */
function shownProgress(
  progress: TrainingProgress,
  { batchSize }: TrainingConfig,
  learningRate: number,
  imagesPerSecond: number,
): TrainingProgress {
  const secondsLeft = ((progress.totalSteps - progress.step) * batchSize) / imagesPerSecond;
  return { ...progress, learningRate, imagesPerSecond, secondsLeft };
}

/** Returns the last value of the first curve, which is that of training. */
function latestOf([{ values }]: ReturnType<RunCurves['read']>['loss']): number {
  return values.findLast((value) => value !== null) ?? NaN;
}

/** Seconds since a reading of `performance.now()`. */
function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
