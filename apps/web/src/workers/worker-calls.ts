/*
 * Calls to functions in a worker: one message there, one back, matched by number. Arguments and results are what
 * structured cloning can copy.
 */

/** What a worker can be asked: functions of one argument by name. */
export type Calls<C> = { readonly [Name in keyof C]: (argument: never) => unknown };

type ArgumentOf<F> = F extends (argument: infer A) => unknown ? A : never;
type ResultOf<F> = F extends (...all: never[]) => infer R ? Awaited<R> : never;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Answer = { readonly id: number } & ({ readonly result: unknown } | { readonly error: Error });

/** Answers calls in the worker, one after the other. */
export function answerCalls<C extends Calls<C>>(calls: C): void {
  let last = Promise.resolve();
  globalThis.addEventListener('message', ({ data: { id, name, argument } }: MessageEvent<Question>) => {
    last = last.then(async () => {
      try {
        post({ id, result: await calls[name as keyof C](argument as never) });
      } catch (error) {
        post({ id, error: error instanceof Error ? error : new Error(String(error)) });
      }
    });
  });
}

function post(answer: Answer): void {
  globalThis.postMessage(answer);
}

/** Calls functions of the worker. */
export interface WorkerCaller<C extends Calls<C>> {
  /** @throws Error what the function threw, or what ended the worker */
  readonly call: <Name extends keyof C & string>(
    name: Name,
    argument: ArgumentOf<C[Name]>,
  ) => Promise<ResultOf<C[Name]>>;
  /** Ends the worker; calls under way never end. */
  readonly terminate: () => void;
}

/** Makes functions of a worker, which answers with {@link answerCalls}, callable. */
export function callWorker<C extends Calls<C>>(worker: Worker): WorkerCaller<C> {
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let numCalls = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) call?.reject(data.error);
    else call?.resolve(data.result as never);
  });
  worker.addEventListener('error', ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(message === '' ? 'the worker did not start' : message));
    waiting.clear();
  });
  return {
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        const id = numCalls++;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, name, argument } satisfies Question);
      }),
    terminate: () => {
      worker.terminate();
    },
  };
}
