/** Entry point of the training thread, which leaves the main thread free for the progress display and Ctrl-C. */
import { parentPort, workerData } from 'node:worker_threads';
import { describeError, UsageError } from './command-line.ts';
import { writeReport } from './report/write-report.ts';
import type { TrainingEvent } from './run/prepared-run.ts';
import { runTrainingJob } from './run/training-job.ts';
import type { RunRequest } from './run/training-request.ts';

const port = parentPort;
if (port === null) throw new Error('training-worker: it must be started as a worker, got the main thread');

const abort = new AbortController();
port.once('message', () => {
  abort.abort(new Error('train: interrupted while pages were generated; there is nothing to keep'));
});

const emit = (event: TrainingEvent) => {
  port.postMessage(event);
};

try {
  const request = workerData as RunRequest;
  const { summary, test } = await runTrainingJob(request, emit, abort.signal);
  await writeReport(request.out, test ?? undefined);
  emit({ type: 'done', summary });
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
