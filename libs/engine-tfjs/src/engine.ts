import type { Engine } from '@digits/model';
import { type BackendLoader, type BackendName, BACKENDS, initialiseBackend } from './backend.ts';
import { createTfjsPredictor } from './predictor.ts';
import { createTfjsTrainingSession } from './training-session.ts';

/** A backend, or `auto` for the first available one of `tensorflow`, `wasm` and `cpu`. */
export type BackendChoice = BackendName | 'auto';

/** Engine on TensorFlow.js. */
export interface TfjsEngine extends Engine {
  readonly name: 'tfjs';
  /** Backend that the engine runs on. */
  readonly backend: BackendName;
}

/** Backends of an entry of this lib. */
export interface BackendSource {
  /** The backends that `auto` tries, best first. */
  readonly automatic: readonly BackendName[];
  readonly load: (name: BackendName) => BackendLoader;
  /** Explains in one line why a backend is missing and how to get it. */
  readonly explainMissing: (name: BackendName) => string;
}

/**
 * Creates an engine on a backend.
 *
 * @throws RangeError if `choice` is not a backend
 * @throws Error if the backend is not available; the message says how to get it
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
