import type { Model } from '@digits/model';
import type { ErrorCode } from '../errors.ts';
import type { DigitAnswer, DigitsAnswer, Drawing, ReadingOptions } from './answer.ts';

/** What a thread that reads pictures is made with. */
export interface PictureWorkerData {
  readonly model: Model;
  /** Of a picture, before it is decoded. */
  readonly maxPixels: number;
}

/** What a thread is asked: a picture file's bytes, or a drawing. */
export type PictureTask = { readonly options: ReadingOptions } & (
  { readonly file: Uint8Array } | { readonly drawing: Drawing }
);

/** How long each part took, in milliseconds. */
export interface ReadingTime {
  /** From file to pixels; 0 for a drawing. */
  readonly decodingMs: number;
  /** From pixels or strokes to answers, the network included. */
  readonly readingMs: number;
}

/** What a thread answers. Errors are values: their class would not survive the way back. */
export type PictureResult =
  | { readonly answer: DigitAnswer | DigitsAnswer; readonly time: ReadingTime }
  | { readonly refused: ErrorCode; readonly message: string };
