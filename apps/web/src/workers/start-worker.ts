import { type Remote, wrap } from 'comlink';
import { workerUrl } from '../site-files.ts';

/** A worker that was started, and the functions that it exposes. */
export interface StartedWorker<Calls> {
  /**
   * Asks the worker for something. Arguments and results are copied.
   *
   * @throws Error that the function threw, or that ended the worker
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
  return {
    call: async (ask) => {
      const listening = new AbortController();
      // A worker that does not start, or breaks, never answers: its `error` event ends the calls under way.
      const broken = new Promise<never>((_, reject) => {
        const fail = ({ message }: ErrorEvent) => {
          reject(new Error(message === '' ? 'the worker did not start' : message));
        };
        worker.addEventListener('error', fail, { signal: listening.signal });
      });
      try {
        return await Promise.race([ask(remote), broken]);
      } finally {
        listening.abort();
      }
    },
    terminate: () => {
      worker.terminate();
    },
  };
}
