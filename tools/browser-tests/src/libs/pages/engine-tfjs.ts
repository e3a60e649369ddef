import type { LabelledImages } from '@digits/data';
import { type BackendName, createTfjsEngine } from '@digits/engine-tfjs';
import type { Architecture, Engine, Predictor, SessionSettings, TrainingSession, Weights } from '@digits/model';
import type { EngineAnswer, EngineRequest } from '../remote-engine.ts';

let host: ((request: EngineRequest) => Promise<EngineAnswer>) | undefined;

/** The `.wasm` files are served beside the page. */
export async function start(backend: BackendName): Promise<string> {
  const engine = await createTfjsEngine({ backend, wasmFolder: '/' });
  host = createEngineHost(engine);
  return engine.backend;
}

export async function ask(request: EngineRequest): Promise<EngineAnswer> {
  if (host === undefined) throw new Error('start must be called before ask');
  return host(request);
}

/** Answers for an engine: sessions and predictors stay here and are known by number outside. */
function createEngineHost(engine: Engine): (request: EngineRequest) => Promise<EngineAnswer> {
  const opened: (TrainingSession | Predictor)[] = [];

  async function answer({ id, method, args }: EngineRequest): Promise<unknown> {
    if (id !== null) {
      const target = opened[id] as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
      return target[method](...args);
    }
    const made =
      method === 'createPredictor'
        ? await engine.createPredictor(...(args as [Architecture, Weights]))
        : await engine.createTrainingSession(...(args as [Architecture, SessionSettings, LabelledImages]));
    return opened.push(made) - 1;
  }

  return async (request) => {
    try {
      return { value: await answer(request) };
    } catch (error) {
      const { name, message } = error as Error;
      return { error: { name, message } };
    }
  };
}
