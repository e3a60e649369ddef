import type { Stroke } from '@digits/data';
import { readDrawing } from '../recognition/read-drawing.ts';
import type { Reading } from '../recognition/reading.ts';
import { load, loadedModel } from './loaded-model.ts';
import { answerCalls } from './worker-calls.ts';

/** Reads drawings: all that a first visit needs. */
const calls = {
  load,
  drawing: ({ strokes, penWidth }: { strokes: readonly Stroke[]; penWidth: number }): Promise<Reading> =>
    readDrawing(loadedModel(), strokes, penWidth),
};

export type RecogniseCalls = typeof calls;

answerCalls(calls);
