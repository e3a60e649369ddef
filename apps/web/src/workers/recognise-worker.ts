import type { Stroke } from '@digits/data';
import { expose } from 'comlink';
import { readDrawing } from '../recognition/read-drawing.ts';
import type { Reading } from '../recognition/reading.ts';
import { load, loadedModel } from './loaded-model.ts';

/** Reads drawings: all that a first visit needs. */
const calls = {
  load,
  drawing: async (strokes: readonly Stroke[], penWidth: number): Promise<Reading> =>
    readDrawing(await loadedModel(), strokes, penWidth),
};

/** What the worker can be asked. */
export type RecogniseCalls = typeof calls;

expose(calls);
