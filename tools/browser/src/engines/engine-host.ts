import type { LabelledImages } from '@digits/data';
import type { Architecture, Engine, Predictor, SessionSettings, TrainingSession, Weights } from '@digits/model';

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

/** Answers for an engine: sessions and predictors stay here and are known by number outside. */
export function createEngineHost(engine: Engine): (request: EngineRequest) => Promise<EngineAnswer> {
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
