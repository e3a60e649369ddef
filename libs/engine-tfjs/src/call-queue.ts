/** Runs the calls of one session or predictor one after another, and refuses them once it is disposed of. */
export class CallQueue {
  readonly #owner: string;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param owner what error messages call it, as in `session` */
  constructor(owner: string) {
    this.#owner = owner;
  }

  /**
   * Runs `task` after all that were asked for before it.
   *
   * @param method opens the error message
   * @throws Error when the queue is closed, or closes before the task's turn
   */
  run<T>(method: string, task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => {
      this.requireOpen(method);
      return task();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** @throws Error when the queue is closed; long tasks ask between their steps */
  requireOpen(method: string): void {
    if (this.#closed) throw new Error(`${method}: ${this.#owner} must be in use, got a disposed one; create another`);
  }

  /** Refuses what comes, lets what runs come to its end, and then frees; the second time does nothing. */
  async close(free: () => void): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    free();
  }
}
