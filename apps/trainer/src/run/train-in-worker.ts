import { Worker } from 'node:worker_threads';
import { INTERRUPTED, InterruptedError, UsageError } from '../command-line.ts';
import { formatDuration } from '../formats.ts';
import { createProgressDisplay, createReadingDisplay, type ProgressDisplay } from './progress.ts';
import { whileLocked } from './run-lock.ts';
import type { TrainingSummary } from './run-record.ts';
import type { TrainingEvent } from './prepared-run.ts';
import type { RunRequest } from './training-request.ts';

/**
 * Runs a training off the main thread, showing its progress. The first Ctrl-C ends it with the best weights so far, the second at once.
 * The run folder is locked meanwhile.
 *
 * @throws Error if another process writes the folder; what the training throws
 */
export async function trainInWorker(request: RunRequest): Promise<{ summary: TrainingSummary; interrupted: boolean }> {
  return whileLocked(request.out, (lost) => trainLocked(request, lost));
}

/** @param lost ends the training at once, without a result, when another process may write the run folder */
async function trainLocked(request: RunRequest, lost: AbortSignal) {
  const worker = new Worker(new URL('./training-worker.js', import.meta.url), { workerData: request });
  const display = createProgressDisplay();
  const showCount = createReadingDisplay();
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) process.exit(INTERRUPTED);
    interrupted = true;
    display.line('Stopping after this step; the best weights so far are kept. Ctrl-C again stops at once.');
    worker.postMessage('abort');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const summary = await new Promise<TrainingSummary>((done, fail) => {
      worker.on('message', (event: TrainingEvent) => {
        if (event.type === 'pages') showCount(event.count, event.total, 'pages');
        else if (event.type === 'files') showCount(event.count, event.total, event.things);
        else showEvent(event, display);
        if (event.type === 'done') done(event.summary);
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
