/** The thread that a run lives on, so that the main thread can draw the progress and hear Ctrl-C. */
import { parentPort, workerData } from 'node:worker_threads';
import { describeError, UsageError } from './command-line.ts';
import { runTrainingJob, type TrainingEvent } from './training-job.ts';
import type { RunRequest } from './training-request.ts';

const port = parentPort;
if (port === null) throw new Error('training-worker: it must be started as a worker, got the main thread');

const abort = new AbortController();
port.once('message', () => {
  abort.abort();
});

const emit = (event: TrainingEvent) => {
  port.postMessage(event);
};

try {
  emit({ type: 'done', summary: await runTrainingJob(workerData as RunRequest, emit, abort.signal) });
} catch (error) {
  emit({
    type: 'failed',
    message: describeError(error),
    stack: error instanceof Error ? (error.stack ?? '') : '',
    isUsageError: error instanceof UsageError,
  });
} finally {
  port.close();
}
