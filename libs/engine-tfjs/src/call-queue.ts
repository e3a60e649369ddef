/** Runs the calls of one session or predictor one after another, and refuses them once it is disposed. */
export class CallQueue {
  readonly #owner: string;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param owner name in error messages, such as `session` */
  constructor(owner: string) {
    this.#owner = owner;
  }

  /**
   * Runs `task` after all earlier ones.
   *
   * @param method start of the error message
   * @throws Error if the queue is closed, or closes before the task's turn
   */
  run<T>(method: string, task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => {
      this.requireOpen(method);
      return task();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Checks that the queue is open; long tasks call it between their steps. @throws Error if the queue is closed */
  requireOpen(method: string): void {
    if (this.#closed) throw new Error(`${method}: ${this.#owner} must be in use, got a disposed one; create another`);
  }

  /** Refuses later calls, waits for the running one, and then calls `free`. Only the first call has an effect. */
  async close(free: () => void): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    free();
  }
}
