import { FairQueue } from './fair-queue.ts';
import type { RecentClients } from './clients.ts';

/** Number of requests that start per turn of the event loop if several clients send some: they take about a millisecond. */
const MAX_PER_TURN = 4;

/**
 * Starts requests. If several clients send some, a few start per turn of the event loop, in turns between the clients: sockets are read in
 * between, so a request waits for a few requests of others, however many they have sent.
 */
export class RequestTurns {
  readonly #recent: RecentClients;
  readonly #queue = new FairQueue<() => void>();
  #numStarted = 0;
  #isTurnDue = false;

  constructor(recent: RecentClients) {
    this.#recent = recent;
  }

  /** Number of requests that wait for their turn. */
  get numWaiting(): number {
    return this.#queue.size;
  }

  /** Starts a request of a client, now or in a later turn. */
  start(client: string, request: () => void): void {
    this.#recent.see(client);
    const isFree = this.#queue.size === 0 && (this.#numStarted < MAX_PER_TURN || !this.#recent.areSeveral);
    if (isFree) {
      this.#numStarted++;
      request();
    } else this.#queue.push(client, 1, request);
    this.#requireTurn();
  }

  /** Starts a request of a client in a later turn, because the one before has just ended. */
  startLater(client: string, request: () => void): void {
    this.#recent.see(client);
    this.#queue.push(client, 1, request);
    this.#requireTurn();
  }

  #requireTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    setImmediate(() => {
      this.#turn();
    });
  }

  #turn(): void {
    this.#isTurnDue = false;
    this.#numStarted = 0;
    while (this.#numStarted < MAX_PER_TURN) {
      const request = this.#queue.take();
      if (request === undefined) break;
      this.#numStarted++;
      request();
    }
    if (this.#numStarted > 0) this.#requireTurn();
  }
}
