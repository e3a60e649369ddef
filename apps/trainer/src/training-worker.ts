/** Entry point of the training thread, which leaves the main thread free for the progress display and Ctrl-C. */
import { parentPort, workerData } from 'node:worker_threads';
import { describeError, UsageError } from './command-line.ts';
import { writeReport } from './report/write-report.ts';
import type { TrainingEvent } from './run/prepared-run.ts';
import { runTrainingJob } from './run/training-job.ts';
import type { TrainingThreadData } from './run/train-in-worker.ts';

const port = parentPort;
if (port === null) throw new Error('training-worker: it must be started as a worker, got the main thread');

const abort = new AbortController();
const pause = new AbortController();
port.on('message', (message: 'abort' | 'pause') => {
  if (message === 'pause') pause.abort();
  else abort.abort(new Error('train: interrupted while pages were generated; there is nothing to keep'));
});

const emit = (event: TrainingEvent) => {
  port.postMessage(event);
};

try {
  const { request, pauseAfterEpoch } = workerData as TrainingThreadData;
  const stops = { signal: abort.signal, pause: pause.signal, ...(pauseAfterEpoch !== null && { pauseAfterEpoch }) };
  const finished = await runTrainingJob(request, emit, stops);
  if (finished === null) {
    emit({ type: 'paused' });
  } else {
    await writeReport(request.out, finished.test ?? undefined);
    emit({ type: 'done', summary: finished.summary });
  }
} catch (error) {
  emit({
    type: 'failed',
    message: describeError(error),
    stack: error instanceof Error ? (error.stack ?? '') : '',
    cause: error instanceof UsageError ? 'usage' : error === abort.signal.reason ? 'interruption' : 'other',
  });
} finally {
  port.close();
}
