import { Worker } from 'node:worker_threads';
import { INTERRUPTED, InterruptedError, UsageError } from '../command-line.ts';
import { formatDuration } from '../formats.ts';
import { createProgressDisplay, createReadingDisplay, type ProgressDisplay } from './progress.ts';
import { whileLocked } from './run-lock.ts';
import type { TrainingSummary } from './run-record.ts';
import type { TrainingEvent } from './prepared-run.ts';
import type { RunRequest } from './training-request.ts';

/** Initial data of the training thread. */
export interface TrainingThreadData {
  readonly request: RunRequest;
  /** Pauses after this number of completed epochs if the run has more; null for never. */
  readonly pauseAfterEpoch: number | null;
}

/** A training that is going on in a thread. */
export interface TrainingThread {
  /** Resolves to null if the training was paused; rejects with what it throws. */
  readonly ended: Promise<TrainingSummary | null>;
  /** Ends the training with the best weights so far, or pauses it: with a checkpoint, without a model. */
  stop(how: 'abort' | 'pause'): void;
}

/**
 * Starts a training in a thread.
 *
 * @param onEvent is told what happens, as it happens
 * @param lost ends the training at once, without a result, when another process may write the run folder
 */
export function startTrainingThread(
  data: TrainingThreadData,
  onEvent: (event: TrainingEvent) => void,
  lost: AbortSignal,
): TrainingThread {
  const worker = new Worker(new URL('./training-worker.js', import.meta.url), { workerData: data });
  const ended = new Promise<TrainingSummary | null>((done, fail) => {
    worker.on('message', (event: TrainingEvent) => {
      onEvent(event);
      if (event.type === 'done') done(event.summary);
      if (event.type === 'paused') done(null);
      if (event.type === 'failed') fail(failureOf(event));
    });
    worker.on('error', fail);
    worker.on('exit', () => {
      fail(new Error('train: the training thread must end with a result, got none'));
    });
    lost.addEventListener('abort', () => {
      fail(lost.reason as Error);
      void worker.terminate();
    });
  });
  return {
    ended,
    stop: (how) => {
      worker.postMessage(how);
    },
  };
}

/**
 * Runs a training off the main thread, showing its progress. The first Ctrl-C ends it with the best weights so far, the second at once.
 * The run folder is locked meanwhile.
 *
 * @throws Error if another process writes the folder; what the training throws
 */
export async function trainInWorker(request: RunRequest): Promise<{ summary: TrainingSummary; interrupted: boolean }> {
  return whileLocked(request.out, (lost) => trainLocked(request, lost));
}

async function trainLocked(request: RunRequest, lost: AbortSignal) {
  const display = createProgressDisplay();
  const showCount = createReadingDisplay();
  const thread = startTrainingThread(
    { request, pauseAfterEpoch: null },
    (event) => {
      if (event.type === 'pages') showCount(event.count, event.total, 'pages');
      else if (event.type === 'files') showCount(event.count, event.total, event.things);
      else showEvent(event, display);
    },
    lost,
  );
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) process.exit(INTERRUPTED);
    interrupted = true;
    display.line('Stopping after this step; the best weights so far are kept. Ctrl-C again stops at once.');
    thread.stop('abort');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const summary = await thread.ended;
    if (summary === null) throw new Error('train: an unpaused training must end with a result, got none');
    return { summary, interrupted };
  } finally {
    display.stop();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

type CountEvent = Extract<TrainingEvent, { type: 'pages' | 'files' }>;

function showEvent(event: Exclude<TrainingEvent, CountEvent>, display: ProgressDisplay): void {
  switch (event.type) {
    case 'note':
      display.line(event.text);
      return;
    case 'progress':
      display.update(event.progress);
      return;
    case 'epoch': {
      const { epoch, trainLoss, validationLoss, validationAccuracy, seconds } = event.summary;
      display.line(
        `epoch ${epoch}/${event.numEpochs}  loss ${trainLoss.toFixed(4)}  ` +
          `validation loss ${validationLoss.toFixed(4)}  validation accuracy ${validationAccuracy.toFixed(4)}  ` +
          formatDuration(seconds),
      );
      return;
    }
    case 'done':
    case 'paused':
    case 'failed':
      display.stop();
  }
}

const FAILURES = { usage: UsageError, interruption: InterruptedError, other: Error } as const;

function failureOf({ message, stack, cause }: Extract<TrainingEvent, { type: 'failed' }>): Error {
  const failure = new FAILURES[cause](message);
  failure.stack = stack;
  return failure;
}
