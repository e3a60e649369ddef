/** Service that is attacked. */
export interface Target {
  /** Base URL, without a slash at the end. */
  readonly address: string;
}

/** Misuse of a running service, for a test with an honest client beside it. */
export interface Attack {
  /** Noun phrase for a table, such as `unread responses`. */
  readonly name: string;
  /**
   * Attacks until the signal, then closes its connections and resolves. It resolves, too, if the service refuses or closes connections;
   * it rejects only if an answer proves a fault, such as a 500.
   */
  run(service: Target, signal: AbortSignal): Promise<void>;
}
