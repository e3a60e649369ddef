import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { clientOfAddress, RecentClients } from './clients.ts';
import { ApiError, connectionError, sendOnSocket } from './errors.ts';
import { RequestTurns } from './request-turns.ts';

/** Maximum number of requests that a connection may send ahead of the response to its first one. */
export const MAX_PIPELINED = 100;

/** Time after which a connection is closed whose client does not read its response, in milliseconds. */
const MAX_UNREAD_MS = 30_000;
const UNREAD_CHECK_MS = 5000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** State of a connection. Its requests are answered one after the other. */
interface Line {
  readonly socket: Socket;
  readonly address: string;
  /** Request that is being answered. */
  current: Exchange | null;
  /** Requests behind it, not started. */
  waiting: Exchange[];
  /** Error that ends the connection after the requests before it are answered. */
  refusal: ApiError | null;
}

const LINE = Symbol('line');

/** Reads the requests of a connection; Node does not document it. It stops at a request for which `onIncoming` returns 2. */
interface RequestParser {
  onIncoming: (request: IncomingMessage, keepAlive: boolean) => number;
}

const STOP_PARSING = 2;

type LineSocket = Socket & { [LINE]?: Line; _paused?: boolean; parser?: RequestParser };

/** Requests whose client sends the body after `100 Continue`. */
const awaitingContinue = new WeakSet<IncomingMessage>();

/** Tells a client that waits for it to send the body. */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  if (awaitingContinue.delete(request)) response.writeContinue();
}

/** Options of a {@link ConnectionGate}. */
export interface GateOptions {
  readonly maxConnections: number;
  /** Called for each connection that ends with an error outside the requests of the app. */
  readonly onRefusal?: (error: ApiError, address: string) => void;
  /** Returns the client that a request is of; by default that of its address. */
  readonly clientOf?: (request: IncomingMessage) => string;
  readonly recent?: RecentClients;
}

/**
 * Bounds what connections can hold: their number, the requests that each sends ahead, and unread responses. Starts requests in turns between
 * the clients.
 *
 * If there are too many connections, one without an accepted request is closed, of the address that has the most of them. So an address
 * that opens connections by the thousand takes none from others.
 */
export class ConnectionGate {
  readonly #maxConnections: number;
  readonly #onRefusal: (error: ApiError, address: string) => void;
  readonly #clientOf: (request: IncomingMessage) => string;
  readonly #turns: RequestTurns;
  readonly #lines = new Set<Line>();
  readonly #unreadCheck: NodeJS.Timeout;

  constructor({
    maxConnections,
    onRefusal = () => undefined,
    clientOf = ({ socket }) => clientOfAddress(socket.remoteAddress ?? ''),
    recent = new RecentClients(),
  }: GateOptions) {
    this.#maxConnections = maxConnections;
    this.#onRefusal = onRefusal;
    this.#clientOf = clientOf;
    this.#turns = new RequestTurns(recent);
    this.#unreadCheck = setInterval(() => {
      this.#closeUnread();
    }, UNREAD_CHECK_MS).unref();
  }

  /** Number of open connections. */
  get numOpen(): number {
    return this.#lines.size;
  }

  /** Creates an HTTP server behind the gate; several share its limits. */
  createServer(handle: RequestListener, options: ServerOptions): Server {
    // The app checks the headers Host and Expect, because refusals of Node have no body.
    const server = createServer({ ...options, requireHostHeader: false });
    const receive = (request: IncomingMessage, response: ServerResponse): void => {
      this.#receive({ request, response }, handle);
    };
    server.on('connection', (socket: Socket) => {
      this.#admit(socket);
    });
    server.on('request', receive);
    server.on('checkExpectation', receive);
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      awaitingContinue.add(request);
      receive(request, response);
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: LineSocket) => {
      if (error.code !== 'ECONNRESET') this.#refuse(socket, connectionError(error));
    });
    return server;
  }

  dispose(): void {
    clearInterval(this.#unreadCheck);
  }

  #admit(socket: LineSocket): void {
    if (this.#lines.size >= this.#maxConnections && !this.#makeRoom(socket.remoteAddress ?? '')) {
      const error = new ApiError(
        'OVERLOADED',
        `the service has ${this.#maxConnections} connections already; retry in a second`,
      );
      this.#onRefusal(error, socket.remoteAddress ?? '');
      sendOnSocket(socket, error);
      return;
    }
    const line: Line = { socket, address: socket.remoteAddress ?? '', current: null, waiting: [], refusal: null };
    socket[LINE] = line;
    this.#lines.add(line);
    const { parser } = socket;
    if (parser !== undefined) {
      const { onIncoming } = parser;
      // Otherwise, all requests that have arrived would be read at once, which takes tens of milliseconds.
      parser.onIncoming = (...incoming) => (line.refusal === null ? onIncoming(...incoming) : STOP_PARSING);
    }
    socket.once('close', () => this.#lines.delete(line));
  }

  /** Closes the oldest connection without an accepted request, of the address with the most connections. */
  #makeRoom(newcomer: string): boolean {
    const counts = new Map<string, number>([[newcomer, 1]]);
    for (const { address } of this.#lines) counts.set(address, (counts.get(address) ?? 0) + 1);
    let victim: Line | null = null;
    for (const line of this.#lines) {
      if (isAccepted(line)) continue;
      if (victim === null || (counts.get(line.address) ?? 0) > (counts.get(victim.address) ?? 0)) victim = line;
    }
    if (victim === null || (counts.get(victim.address) ?? 0) < (counts.get(newcomer) ?? 0)) return false;
    this.#lines.delete(victim);
    victim.socket.destroy();
    return true;
  }

  #receive(exchange: Exchange, handle: RequestListener): void {
    const socket = exchange.request.socket as LineSocket;
    const line = socket[LINE];
    if (line === undefined) return;
    if (line.current === null && line.refusal === null) {
      line.current = exchange;
      this.#turns.start(this.#clientOf(exchange.request), () => {
        this.#start(line, exchange, handle);
      });
      return;
    }
    if (line.waiting.length < MAX_PIPELINED && line.refusal === null) {
      line.waiting.push(exchange);
      return;
    }
    // Stops reading, as Node does when responses pile up.
    socket._paused = true;
    socket.pause();
    if (line.refusal !== null) return;
    line.refusal = new ApiError(
      'RATE_LIMITED',
      `a connection may send at most ${MAX_PIPELINED} requests ahead; read the responses first`,
    );
    this.#onRefusal(line.refusal, line.address);
  }

  /** Ends a connection with an error, after the requests that arrived whole before it are answered. */
  #refuse(socket: LineSocket, error: ApiError): void {
    const line = socket[LINE];
    if (line === undefined || socket.destroyed || line.refusal !== null) return;
    // A client that disconnects within a request gets no response; the app counts its request as dropped.
    const hasGone = line.current !== null && socket.readableEnded;
    if (!hasGone) this.#onRefusal(error, line.address);
    line.refusal = error;
    line.waiting = line.waiting.filter(({ request }) => request.complete);
    const { current } = line;
    if (current?.request.complete === true) return;
    if (current?.response.headersSent === true) socket.destroySoon();
    else sendOnSocket(socket, error);
  }

  #start(line: Line, exchange: Exchange, handle: RequestListener): void {
    // The connection may have been closed or refused while the request waited for its turn.
    if (line.socket.destroyed || (line.refusal !== null && !exchange.request.complete)) return;
    exchange.response.once('close', () => {
      line.current = null;
      if (line.socket.destroyed) return;
      const next = line.waiting.shift();
      if (next !== undefined) {
        line.current = next;
        this.#turns.startLater(this.#clientOf(next.request), () => {
          this.#start(line, next, handle);
        });
      } else if (line.refusal !== null) sendOnSocket(line.socket, line.refusal);
    });
    handle(exchange.request, exchange.response);
  }

  #closeUnread(): void {
    for (const { socket, current } of this.#lines) {
      // Node restarts the time as long as bytes leave, and sets another when the response is complete.
      if (current?.response.headersSent === true && socket.timeout !== MAX_UNREAD_MS) socket.setTimeout(MAX_UNREAD_MS);
    }
  }
}

function isAccepted({ current }: Line): boolean {
  return current?.request.complete === true;
}

/**
 * Returns the number of connections that the operating system leaves room for: half of the files that the process may open, because
 * workers and the model need some, too. Infinity if it can't be read.
 */
export function connectionsThatFit(): number {
  if (process.platform !== 'linux') return Infinity;
  const found = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return found === null ? Infinity : Math.floor(Number(found[1]) / 2);
}
