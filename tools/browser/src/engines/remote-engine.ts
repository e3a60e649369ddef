import type { Engine, Predictor, TrainingSession } from '@digits/model';
import type { EngineAnswer, EngineRequest } from './engine-host.ts';

const ERRORS: Record<string, new (message: string) => Error> = { RangeError, TypeError };

/**
 * An engine that runs elsewhere, in a page for one: the whole engine contract can be put to it from here.
 *
 * @param ask passes a request on to `createEngineHost`
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
