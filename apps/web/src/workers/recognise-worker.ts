import { type Drawing, readDrawing, type Reading } from '@digits/reader';
import { expose } from 'comlink';
import { load, loadedModel } from './loaded-model.ts';

/** Reads drawings: all that a first visit needs. */
const calls = {
  load,
  drawing: async (drawing: Drawing): Promise<Reading> => readDrawing(await loadedModel(), drawing),
};

/** What the worker can be asked. */
export type RecogniseCalls = typeof calls;

expose(calls);
