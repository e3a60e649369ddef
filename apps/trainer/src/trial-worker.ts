/** Entry point of the process that trains one trial of a sweep. If it crashes, for example because memory runs out, the sweep goes on. */
import { describeError } from './command-line.ts';
import { whileLocked } from './run/run-lock.ts';
import { startTrainingThread, type TrainingThread, type TrainingThreadData } from './run/train-in-worker.ts';
import type { TrialEnd, TrialMessage, TrialOrder } from './sweep/trial-process.ts';

/** Interval at which the sweep hears how much memory the process takes. */
const MEMORY_INTERVAL_MS = 500;

let thread: TrainingThread | null = null;
let isPaused = false;

// A terminal sends Ctrl-C to this process too; the sweep says when to pause.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// The sweep was killed: another process may go on with the trial.
process.on('disconnect', () => process.exit(1));

process.on('message', (order: TrialOrder) => {
  if (order.type === 'pause') {
    isPaused = true;
    thread?.stop('pause');
    return;
  }
  void train(order).then((end) => {
    process.send?.(end, () => process.exit(0));
  });
});

async function train(data: TrainingThreadData): Promise<TrialEnd> {
  const send = (message: TrialMessage) => process.send?.(message);
  const memory = setInterval(() => send({ type: 'memory', bytes: process.memoryUsage.rss() }), MEMORY_INTERVAL_MS);
  try {
    return await whileLocked(data.request.out, async (lost) => {
      thread = startTrainingThread(
        data,
        (event) => {
          if (event.type === 'progress' || event.type === 'epoch') send(event);
        },
        lost,
      );
      if (isPaused) thread.stop('pause');
      return { type: 'ended', finished: (await thread.ended) !== null };
    });
  } catch (error) {
    return { type: 'failed', message: describeError(error) };
  } finally {
    clearInterval(memory);
  }
}
