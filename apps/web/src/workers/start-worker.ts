import { type Remote, wrap } from 'comlink';
import { workerUrl } from '../site-files.ts';

/** A worker that was started, and the functions that it exposes. */
export interface StartedWorker<Calls> {
  /**
   * Asks the worker for something. Arguments and results are copied.
   *
   * @throws Error that the function threw, or that broke the worker
   */
  readonly call: <T>(ask: (worker: Remote<Calls>) => Promise<T>) => Promise<T>;
  /** Ends the worker; calls under way never end. */
  readonly terminate: () => void;
}

/**
 * Starts a worker.
 *
 * @param name of the file in `src/workers`, without its ending
 */
export function startWorker<Calls>(name: string): StartedWorker<Calls> {
  const worker = new Worker(workerUrl(name), { type: 'module' });
  const remote = wrap<Calls>(worker);
  // A worker that does not start, or breaks, answers nothing: its `error` event ends the calls under way and all later ones.
  let failure: Error | null = null;
  const waiting = new Set<(error: Error) => void>();
  worker.addEventListener('error', ({ message }: Partial<ErrorEvent>) => {
    failure = new Error(message === undefined || message === '' ? 'the worker did not start' : message);
    for (const fail of waiting) fail(failure);
  });
  return {
    call: (ask) =>
      new Promise((resolve, reject) => {
        if (failure !== null) {
          reject(failure);
          return;
        }
        waiting.add(reject);
        void ask(remote)
          .then(resolve, reject)
          .finally(() => waiting.delete(reject));
      }),
    terminate: () => {
      worker.terminate();
    },
  };
}
