import type { Engine } from '@digits/model';
import { type BackendLoader, type BackendName, BACKENDS, initialiseBackend } from './backend.ts';
import { createTfjsPredictor } from './predictor.ts';
import { createTfjsTrainingSession } from './training-session.ts';

/** What to run on: a backend, or `auto` for the best that this machine has of `tensorflow`, `wasm` and `cpu`, in this order. */
export type BackendChoice = BackendName | 'auto';

/** The port on TensorFlow.js. */
export interface TfjsEngine extends Engine {
  readonly name: 'tfjs';
  /** What it runs on, in the end. */
  readonly backend: BackendName;
}

/** How an entry of this lib brings backends in. */
export interface BackendSource {
  /** The backends that `auto` tries, best first. */
  readonly automatic: readonly BackendName[];
  readonly load: (name: BackendName) => BackendLoader;
  /** Says in one line why a backend that was asked for is missing and what would bring it. */
  readonly explainMissing: (name: BackendName) => string;
}

/**
 * Makes an engine on the backend that was asked for.
 *
 * @throws RangeError when `choice` is no backend
 * @throws Error when the backend is not there, with what would bring it
 */
export async function createEngineOn(choice: BackendChoice, source: BackendSource): Promise<TfjsEngine> {
  if (choice !== 'auto' && !BACKENDS.includes(choice)) {
    throw new RangeError(
      `createTfjsEngine: backend must be one of auto, ${BACKENDS.join(', ')}, got ${JSON.stringify(choice)}`,
    );
  }
  const candidates = choice === 'auto' ? source.automatic : [choice];
  for (const backend of candidates) {
    if (await initialiseBackend(backend, source.load(backend))) return engineOn(backend);
  }
  throw new Error(`createTfjsEngine: ${source.explainMissing(candidates[candidates.length - 1])}`);
}

function engineOn(backend: BackendName): TfjsEngine {
  return {
    name: 'tfjs',
    backend,
    createTrainingSession: (architecture, settings, dataset) =>
      createTfjsTrainingSession(backend, architecture, settings, dataset),
    createPredictor: (architecture, weights) => createTfjsPredictor(backend, architecture, weights),
  };
}
