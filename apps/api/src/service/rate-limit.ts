interface Entry {
  count: number;
  /** Start of the time window, in milliseconds of a clock that is never set. */
  startedAt: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether requests to the route do not count towards the rate limit. */
    isUnlimited?: boolean;
  }
}

/** Maximum number of clients to remember; the one whose window began first is forgotten. */
const MAX_CLIENTS = 10_000;

/** Counts requests by client for `@fastify/rate-limit`, whose own store trusts a clock that administrators may set back. */
export class MonotonicStore {
  readonly #entries = new Map<string, Entry>();

  incr(
    client: string,
    callback: (error: Error | null, result?: { current: number; ttl: number }) => void,
    windowMs: number,
  ): void {
    const now = performance.now();
    let entry = this.#entries.get(client);
    if (entry === undefined || now - entry.startedAt >= windowMs) {
      this.#entries.delete(client);
      this.#entries.set(client, (entry = { count: 0, startedAt: now }));
      if (this.#entries.size > MAX_CLIENTS) this.#forgetOldest();
    }
    entry.count++;
    callback(null, { current: entry.count, ttl: windowMs - (now - entry.startedAt) });
  }

  child(): this {
    return this;
  }

  #forgetOldest(): void {
    for (const client of this.#entries.keys()) {
      this.#entries.delete(client);
      return;
    }
  }
}
