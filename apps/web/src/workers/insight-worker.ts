import { normaliseImages } from '@digits/data';
import { type Activation, explain, type Explanation } from '@digits/model';
import { expose } from 'comlink';
import { load, loadedModel } from './loaded-model.ts';

/** Takes an answer apart. Images are `[28, 28]` uint8, white on black. */
const calls = {
  load,
  explain: async (image: Uint8Array): Promise<Explanation> => explain(await loadedModel(), normaliseImages(image)),
  activations: async (image: Uint8Array): Promise<readonly Activation[]> =>
    (await loadedModel()).activations(normaliseImages(image)),
};

/** What the worker can be asked. */
export type InsightCalls = typeof calls;

expose(calls);
