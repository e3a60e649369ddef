import type { Model, PixelModel } from '@digits/model';
import type { Drawing, ReadingOptions } from '@digits/reader';
import type { ErrorCode } from '../service/errors.ts';
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
  /** Maximum number of digits that are explained. */
  readonly maxExplained: number;
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

/** Result of a task. Errors are values, because their class would not survive the transfer between processes. */
export type PictureResult =
  | { readonly answer: ReadingAnswer; readonly time: ReadingTime }
  | { readonly refused: ErrorCode; readonly message: string };
