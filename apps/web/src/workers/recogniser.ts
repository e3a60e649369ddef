import { workerUrl } from '../site-files.ts';
import type { RecogniseCalls } from './recognise-worker.ts';
import { callWorker, type WorkerCaller } from './worker-calls.ts';

export type Recogniser = WorkerCaller<RecogniseCalls>;

/** Starts the worker that reads drawings and pictures; a model must be loaded first. */
export function startRecogniser(): Recogniser {
  return callWorker<RecogniseCalls>(new Worker(workerUrl('recognise-worker'), { type: 'module' }));
}
