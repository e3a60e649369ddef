import type { Model } from '@digits/model';
import { Piscina } from 'piscina';
import { QueueFullError } from '../batching.ts';
import type { PictureResult, PictureTask, PictureWorkerData } from './picture-task.ts';

/** How pictures are read. */
export interface PicturePoolLimits {
  readonly numWorkers: number;
  /** Most pictures that wait for a thread. */
  readonly maxPictures: number;
  readonly maxPixels: number;
}

/** Threads that read pictures and drawings. */
export interface PicturePool {
  /** Pictures that wait for a thread. */
  readonly numWaiting: number;
  /**
   * Reads one.
   *
   * @param signal ends the thread that works on it, whatever it does
   * @throws QueueFullError when too many wait already
   */
  read(task: PictureTask, signal: AbortSignal): Promise<PictureResult>;
  /** Answers what was accepted, then ends the threads. */
  dispose(): Promise<void>;
}

/** Decoding and finding digits need far less; a file that needs more ends its thread alone. */
const MAX_HEAP_MIB = 512;

/**
 * Starts threads that read pictures.
 *
 * @param workerFile the built `picture-worker.js`
 */
export function createPicturePool(model: Model, workerFile: string, limits: PicturePoolLimits): PicturePool {
  const pool = new Piscina<PictureTask, PictureResult>({
    filename: workerFile,
    minThreads: limits.numWorkers,
    maxThreads: limits.numWorkers,
    maxQueue: limits.maxPictures,
    // A thread that sleeps in Atomics.wait could not run the engine's replies.
    atomics: 'disabled',
    workerData: { model, maxPixels: limits.maxPixels } satisfies PictureWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  return {
    get numWaiting() {
      return pool.queueSize;
    },
    read(task, signal) {
      if (pool.queueSize >= limits.maxPictures) {
        return Promise.reject(new QueueFullError(`at most ${limits.maxPictures} pictures can wait, and they do`));
      }
      return pool.run(task, { name: 'answerTask', signal });
    },
    dispose: () => pool.close(),
  };
}
