import type { Model, PixelModel } from '@digits/model';
import type { Drawing, ReadingOptions } from '@digits/reader';
import { Piscina } from 'piscina';
import { ApiError, type ErrorCode } from '../service/errors.ts';
import type { ReadingAnswer } from './reading-answer.ts';

/** Data that a picture worker is started with. */
export interface PictureWorkerData {
  readonly model: Model;
  /** Finds ink in images. */
  readonly inkModel: PixelModel;
  /** Reads digits among others that touch them. */
  readonly touchingModel: Model;
  /** Maximum number of pixels of an image file, checked before decoding. */
  readonly maxPixels: number;
}

/** Task of a picture worker: the bytes of an image file, or a drawing. */
export type PictureTask = { readonly options: ReadingOptions } & (
  { readonly file: Uint8Array } | { readonly drawing: Drawing }
);

/** Duration of each part of a task, in milliseconds. */
export interface ReadingTime {
  /** From file to pixels; 0 for a drawing. */
  readonly decodingMs: number;
  /** From pixels or strokes to answers, including inference. */
  readonly readingMs: number;
}

/** Result of a task. Errors are values, because their class would not survive the transfer between threads. */
export type PictureResult =
  | { readonly answer: ReadingAnswer; readonly time: ReadingTime }
  | { readonly refused: ErrorCode; readonly message: string };

/** Size of the pool, its queue and its images. */
export interface PicturePoolLimits {
  readonly numWorkers: number;
  /** Maximum number of tasks that wait for a worker. */
  readonly maxPictures: number;
  readonly maxPixels: number;
}

/** Worker pool that reads image files and drawings. */
export interface PicturePool {
  /** Number of tasks that wait for a worker. */
  readonly numWaiting: number;
  /**
   * Reads an image file or a drawing.
   *
   * @param signal ends the worker that runs the task, at any point
   * @throws ApiError `OVERLOADED` if too many tasks wait already
   */
  read(task: PictureTask, signal: AbortSignal): Promise<PictureResult>;
  /** Answers the accepted tasks, then ends the workers. */
  dispose(): Promise<void>;
}

/** Decoding and segmentation need far less; a file that needs more ends only its own worker. */
const MAX_HEAP_MIB = 512;

/**
 * Starts the picture workers.
 *
 * @param workerFile path of the built `picture-worker.js`
 */
export function createPicturePool(
  models: Pick<PictureWorkerData, 'model' | 'inkModel' | 'touchingModel'>,
  workerFile: string,
  limits: PicturePoolLimits,
): PicturePool {
  const pool = new Piscina<PictureTask, PictureResult>({
    filename: workerFile,
    minThreads: limits.numWorkers,
    maxThreads: limits.numWorkers,
    maxQueue: limits.maxPictures,
    // A thread that sleeps in Atomics.wait could not receive the engine's replies.
    atomics: 'disabled',
    workerData: { ...models, maxPixels: limits.maxPixels } satisfies PictureWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  return {
    get numWaiting() {
      return pool.queueSize;
    },
    read(task, signal) {
      if (pool.queueSize >= limits.maxPictures) {
        return Promise.reject(
          new ApiError(
            'OVERLOADED',
            `the queue of image files and drawings is full (maximum ${limits.maxPictures}); retry in a second`,
          ),
        );
      }
      return pool.run(task, { name: 'answerTask', signal });
    },
    dispose: () => pool.close(),
  };
}
