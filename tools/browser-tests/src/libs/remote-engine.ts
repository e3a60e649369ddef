import type { BackendName } from '@digits/engine-tfjs';
import type { Engine, Predictor, TrainingSession } from '@digits/model';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { type OpenPage, openPage } from '../harness/page-run.ts';

/** What an engine in another place is asked to do; data only. */
export interface EngineRequest {
  /** Of the session or predictor, null where one is opened. */
  readonly id: number | null;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** An answer, or the error that was thrown: errors lose their class between a page and Node. */
export type EngineAnswer =
  | { readonly value: unknown; readonly error?: undefined }
  | { readonly error: { readonly name: string; readonly message: string } };

const ERRORS: Record<string, new (message: string) => Error> = { RangeError, TypeError };

/**
 * An engine that runs elsewhere, in a page for one: the whole engine contract can be put to it from here.
 *
 * @param ask passes a request on to the page
 */
export function remoteEngine(name: Engine['name'], ask: (request: EngineRequest) => Promise<EngineAnswer>): Engine {
  async function request<T>(id: number | null, method: string, args: readonly unknown[]): Promise<T> {
    const { error, ...answer } = await ask({ id, method, args });
    if (error === undefined) return (answer as { value: T }).value;
    const { [error.name]: Class = Error } = ERRORS;
    throw new Class(error.message);
  }

  return {
    name,
    async createTrainingSession(...args) {
      const id = await request<number>(null, 'createTrainingSession', args);
      const session: TrainingSession = {
        trainSteps: (plan) => request(id, 'trainSteps', [plan]),
        evaluate: (images, which) => request(id, 'evaluate', [images, which]),
        getState: () => request(id, 'getState', []),
        setState: (state) => request(id, 'setState', [state]),
        dispose: () => request(id, 'dispose', []),
      };
      return session;
    },
    async createPredictor(...args) {
      const id = await request<number>(null, 'createPredictor', args);
      const predictor: Predictor = {
        predict: (images) => request(id, 'predict', [images]),
        activations: (image) => request(id, 'activations', [image]),
        dispose: () => request(id, 'dispose', []),
      };
      return predictor;
    },
  };
}

/** A backend of TensorFlow.js that a page has. */
export type PageBackend = Extract<BackendName, 'wasm' | 'webgl' | 'webgpu' | 'cpu'>;

/** Opens a page with the TensorFlow.js engine on one backend; `ask` of it answers for the engine. */
export async function openTfjsPage(browser: Browser, backend: PageBackend): Promise<OpenPage> {
  const require = createRequire(import.meta.url);
  const opened = await openPage(browser, {
    entry: fileURLToPath(new URL('./pages/engine-tfjs.ts', import.meta.url)),
    isolated: true,
    folder: join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist'),
  });
  await opened.call('start', backend);
  return opened;
}
