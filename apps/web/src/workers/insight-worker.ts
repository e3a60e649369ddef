import { normaliseImages } from '@digits/data';
import { type Activation, explain, type Explanation } from '@digits/model';
import { expose } from 'comlink';
import { load, loadedModel } from './loaded-model.ts';

/** Takes an answer apart. Images are `[28, 28]` uint8, white on black. */
const calls = {
  load,
  explain: (image: Uint8Array): Promise<Explanation> => explain(loadedModel(), normaliseImages(image)),
  activations: (image: Uint8Array): Promise<readonly Activation[]> => loadedModel().activations(normaliseImages(image)),
};

/** What the worker can be asked. */
export type InsightCalls = typeof calls;

expose(calls);
