interface Waiting<Task> {
  readonly task: Task;
  readonly cost: number;
}

interface Client<Task> {
  readonly name: string;
  /** Work that the client has been given, in the units of the costs; grows from that of the queue at its first task. */
  served: number;
  /** Tasks in order of arrival. */
  tasks: Waiting<Task>[];
}

/**
 * Queue that gives each client an equal share of the work, by cost: the next task is always one of the client that has been given the
 * least. A client's own tasks keep their order. A client that comes back after a pause has saved nothing up.
 *
 * @example
 * ```ts
 * const queue = new FairQueue<string>();
 * for (const task of ['a1', 'a2', 'a3']) queue.push('a', 1, task);
 * queue.push('b', 1, 'b1');
 * [queue.take(), queue.take(), queue.take()]; // ['a1', 'b1', 'a2']
 * ```
 * @see P. Goyal, H. M. Vin, H. Cheng: Start-time Fair Queuing, https://doi.org/10.1109/90.649569
 */
export class FairQueue<Task> {
  /** Clients with waiting tasks, and those in `#ahead`. */
  readonly #clients = new Map<string, Client<Task>>();
  /** Clients without waiting tasks that have been given more than the others. */
  readonly #ahead = new Set<Client<Task>>();
  /** Clients with waiting tasks, by `served`; of equal ones, the one that waits longest first. */
  readonly #order: Client<Task>[] = [];
  /** What the client of the last task had been given when it was taken. */
  #level = 0;
  #size = 0;

  /** Number of waiting tasks. */
  get size(): number {
    return this.#size;
  }

  /** Number of waiting tasks of a client. */
  sizeOf(name: string): number {
    return this.#clients.get(name)?.tasks.length ?? 0;
  }

  /**
   * Adds a task.
   *
   * @param cost work that it takes, above 0, in any unit
   * @throws RangeError if the cost is not a positive number
   */
  push(name: string, cost: number, task: Task): void {
    if (!(cost > 0 && cost < Infinity)) throw new RangeError(`push: cost must be a positive number, got ${cost}`);
    let client = this.#clients.get(name);
    if (client === undefined) this.#clients.set(name, (client = { name, served: this.#level, tasks: [] }));
    client.tasks.push({ task, cost });
    this.#size++;
    if (client.tasks.length > 1) return;
    this.#ahead.delete(client);
    client.served = Math.max(client.served, this.#level);
    this.#insert(client);
  }

  /**
   * Removes the next task.
   *
   * @param mayStart whether the first task of a client may start now; others go first if not
   * @returns undefined if no task waits, or none may start
   */
  take(mayStart: (task: Task, client: string) => boolean = () => true): Task | undefined {
    const place = this.#order.findIndex(({ name, tasks }) => mayStart(tasks[0].task, name));
    if (place === -1) return undefined;
    const [client] = this.#order.splice(place, 1);
    const [{ task, cost }] = client.tasks.splice(0, 1);
    this.#level = Math.max(this.#level, client.served);
    client.served += cost;
    this.#size--;
    if (client.tasks.length > 0) this.#insert(client);
    else this.#ahead.add(client);
    this.#forget();
    return task;
  }

  /** Removes a task, which then costs its client nothing; returns whether it was waiting. */
  remove(name: string, task: Task): boolean {
    const client = this.#clients.get(name);
    const place = client?.tasks.findIndex((waiting) => waiting.task === task) ?? -1;
    if (client === undefined || place === -1) return false;
    client.tasks.splice(place, 1);
    this.#size--;
    if (client.tasks.length === 0) {
      this.#order.splice(this.#order.indexOf(client), 1);
      this.#ahead.add(client);
    }
    this.#forget();
    return true;
  }

  /** Corrects what a client has been given, for a task that cost more or less than expected. */
  charge(name: string, cost: number): void {
    const client = this.#clients.get(name);
    if (client === undefined) return;
    client.served = Math.max(this.#level, client.served + cost);
    if (client.tasks.length === 0) return;
    this.#order.splice(this.#order.indexOf(client), 1);
    this.#insert(client);
  }

  /** Returns the cost of the waiting tasks that would be taken before a new one of this client. */
  costBefore(name: string): number {
    const own = this.#clients.get(name);
    const ownCost = costOf(own?.tasks ?? []);
    const start = Math.max(own?.served ?? 0, this.#level) + ownCost;
    let before = ownCost;
    for (const { name: other, served, tasks } of this.#order) {
      if (other === name) continue;
      let at = served;
      for (const { cost } of tasks) {
        if (at > start) break;
        at += cost;
        before += cost;
      }
    }
    return before;
  }

  /** Puts a client behind all that have been given as much. */
  #insert(client: Client<Task>): void {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#order[middle].served <= client.served) low = middle + 1;
      else high = middle;
    }
    this.#order.splice(low, 0, client);
  }

  /** Forgets the clients that have no task and are not ahead, or all clients if there is no task. */
  #forget(): void {
    for (const client of this.#ahead) {
      if (this.#size > 0 && client.served > this.#level) continue;
      this.#ahead.delete(client);
      this.#clients.delete(client.name);
    }
  }
}

function costOf(tasks: readonly Waiting<unknown>[]): number {
  return tasks.reduce((sum, { cost }) => sum + cost, 0);
}
