import { workerUrl } from '../site-files.ts';
import type { InsightCalls } from './insight-worker.ts';
import type { PictureCalls } from './picture-worker.ts';
import type { RecogniseCalls } from './recognise-worker.ts';
import { callWorker, type WorkerCaller } from './worker-calls.ts';

export type Recogniser = WorkerCaller<RecogniseCalls>;
export type PictureReader = WorkerCaller<PictureCalls>;
export type InsightSource = WorkerCaller<InsightCalls>;

/** Starts the worker that reads drawings. A model must be loaded first, as into the others. */
export function startRecogniser(): Recogniser {
  return callWorker<RecogniseCalls>(new Worker(workerUrl('recognise-worker'), { type: 'module' }));
}

/** Starts the worker that reads pictures. */
export function startPictureReader(): PictureReader {
  return callWorker<PictureCalls>(new Worker(workerUrl('picture-worker'), { type: 'module' }));
}

/** Starts the worker that takes answers apart. */
export function startInsightSource(): InsightSource {
  return callWorker<InsightCalls>(new Worker(workerUrl('insight-worker'), { type: 'module' }));
}
