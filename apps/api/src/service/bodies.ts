import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { RecentClients } from './clients.ts';
import { ApiError } from './errors.ts';
import { BufferGarbage } from './garbage.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes of the body in the budget; they leave it at the end of the response. */
    heldBytes: number;
  }
}

/** Limits of a {@link BodyReader}, in bytes. */
export interface BodyLimits {
  /** Of one body. */
  readonly maxBody: number;
  /** Of all bodies in flight, from the first byte to the end of the response; a client may hold half of it. */
  readonly maxBodies: number;
}

/** Content-type parser as Fastify calls it. */
type Parser = (
  request: FastifyRequest,
  payload: IncomingMessage,
  done: (error: Error | null, body?: unknown) => void,
) => void;

/** How a route's bodies are read. */
export interface BodyRules {
  /** Maximum number of bytes, if that is less than the limit of every body. */
  readonly limit?: (request: FastifyRequest) => number;
  /** What a client can do whose body is larger. */
  readonly advice: string;
  /** Makes the body of the request from the bytes, or a promise of it; it stays bytes by default. */
  readonly parse?: (bytes: Buffer, request: FastifyRequest) => unknown;
}

/** Bytes that a piece of a body takes besides its content: many tiny pieces would cost more than they hold. */
const BYTES_PER_PIECE = 256;

/**
 * Number of bytes of all bodies that are taken per turn of the event loop if several clients share the service. Otherwise, one turn would
 * take up to 2 MiB of each connection.
 */
const MAX_BYTES_PER_TURN = 256 * 1024;

/** A body is held in pieces, as a whole, and as the tensor that it contains. */
const COPIES = 6;

/** Share of the budget that one client may hold. */
const SHARE_OF_CLIENT = 0.5;

/** Reads request bodies within one budget, because uploads must not exhaust the memory. */
export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #recent: RecentClients;
  /** Bytes that were taken in this turn of the event loop. */
  #numTaken = 0;
  /** Bodies that go on in the next turn. */
  #paused: IncomingMessage[] = [];
  #isTurnDue = false;
  readonly #garbage = new BufferGarbage();
  readonly #heldBy = new Map<string, number>();
  #held = 0;
  #numHeld = 0;

  /** @param recent clients that share the service */
  constructor(limits: BodyLimits, recent = new RecentClients()) {
    this.#limits = limits;
    this.#recent = recent;
  }

  /** Number of bytes of all bodies in flight. */
  get held(): number {
    return this.#held;
  }

  /** Number of bodies in flight. */
  get numHeld(): number {
    return this.#numHeld;
  }

  /** Makes the bodies of an app's requests leave the budget when their responses end. */
  install(app: FastifyInstance): void {
    app.decorateRequest('heldBytes', 0);
    app.addHook('preParsing', (request, { raw }, _, done) => {
      const { headers } = request;
      if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
        raw.once('close', () => {
          this.#release(request);
        });
      }
      done();
    });
  }

  /** Creates a parser of bodies for `addContentTypeParser`. */
  parser({ limit = () => Infinity, advice, parse = (bytes) => bytes }: BodyRules): Parser {
    return (request, payload, done) => {
      this.#read(request, payload, Math.min(limit(request), this.#limits.maxBody), advice, (error, bytes) => {
        if (bytes === undefined) {
          done(error);
          return;
        }
        let body: unknown;
        try {
          body = parse(bytes, request);
        } catch (cause) {
          done(cause as Error);
          return;
        }
        if (body instanceof Promise)
          body.then((parsed) => {
            done(null, parsed);
          }, done);
        else done(null, body);
      });
    };
  }

  #read(
    request: FastifyRequest,
    payload: IncomingMessage,
    limit: number,
    advice: string,
    done: (error: Error | null, bytes?: Buffer) => void,
  ): void {
    const announced = Number(request.headers['content-length'] ?? 0);
    const chunks: Buffer[] = [];
    let received = 0;
    const end = (error: Error | null): void => {
      payload.off('data', onData).off('end', onEnd).off('error', onError);
      if (error !== null) {
        payload.resume();
        done(error);
      }
      // A copy, because the chunks are views of larger buffers.
      else done(null, Buffer.concat(chunks, received));
    };
    const tooLarge = (): void => {
      end(new ApiError('BODY_TOO_LARGE', `the body must have at most ${limit} bytes; ${advice}`));
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (received > limit) tooLarge();
      else if (this.#hold(request, chunk.length + BYTES_PER_PIECE)) {
        chunks.push(chunk);
        this.#take(payload, chunk.length);
      } else {
        const { maxBodies } = this.#limits;
        end(new ApiError('OVERLOADED', `all request bodies may have ${maxBodies} bytes; retry in a second`));
      }
    };
    const onEnd = (): void => {
      end(null);
    };
    const onError = (cause: Error): void => {
      end(new ApiError('INVALID_REQUEST', 'the body must arrive whole, but the connection broke', { cause }));
    };
    if (announced > limit) tooLarge();
    else payload.on('data', onData).on('end', onEnd).on('error', onError);
  }

  /** Counts bytes of a body, and lets the body wait for the next turn if there are many in this one. */
  #take(payload: IncomingMessage, numBytes: number): void {
    this.#numTaken += numBytes;
    if (!this.#isTurnDue) {
      this.#isTurnDue = true;
      setImmediate(() => {
        this.#isTurnDue = false;
        this.#numTaken = 0;
        for (const each of this.#paused.splice(0)) each.resume();
      });
    }
    if (this.#numTaken < MAX_BYTES_PER_TURN || !this.#recent.areSeveral) return;
    payload.pause();
    this.#paused.push(payload);
  }

  #hold(request: FastifyRequest, bytes: number): boolean {
    const ofClient = this.#heldBy.get(request.client) ?? 0;
    const { maxBodies } = this.#limits;
    if (this.#held + bytes > maxBodies || ofClient + bytes > SHARE_OF_CLIENT * maxBodies) return false;
    // A client that has gone already holds nothing.
    if (request.raw.destroyed) return true;
    this.#held += bytes;
    if (request.heldBytes === 0) this.#numHeld++;
    this.#heldBy.set(request.client, ofClient + bytes);
    request.heldBytes += bytes;
    return true;
  }

  #release(request: FastifyRequest): void {
    const bytes = request.heldBytes;
    if (bytes === 0) return;
    request.heldBytes = 0;
    this.#numHeld--;
    this.#held -= bytes;
    this.#garbage.add(bytes, COPIES * this.#held);
    const ofClient = (this.#heldBy.get(request.client) ?? 0) - bytes;
    if (ofClient > 0) this.#heldBy.set(request.client, ofClient);
    else this.#heldBy.delete(request.client);
  }
}
