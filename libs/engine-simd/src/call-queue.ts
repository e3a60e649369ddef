/** Runs calls one after the other, in the order in which they were made. */
export interface CallQueue {
  /** @throws what `call` throws; the calls behind it run all the same */
  enqueue<Result>(call: () => Promise<Result>): Promise<Result>;
}

/** Makes an empty queue. */
export function createCallQueue(): CallQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    enqueue(call) {
      const result = last.then(call);
      last = result.catch(() => undefined);
      return result;
    },
  };
}
