import type { Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from './errors.ts';
import type { DropPhase, Metrics, Phase } from './metrics.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Duration of each part of the work so far, in milliseconds. */
    phases: Partial<Record<Phase, number>> | null;
    /** Code of the error that the response has. */
    errorCode: ErrorCode | null;
    /** W3C trace context of the request: that of its own span if traces are on, otherwise that of its client. */
    traceparent: string | undefined;
    /** Span of the request, null if traces are off. */
    span: Span | null;
  }
}

/** Interval between checks for unsent responses at shutdown, in milliseconds. */
const CHECK_MS = 20;

/**
 * Trace context as W3C defines it.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Preference of clients that want to know where the time went. */
const SERVER_TIMING = /(^|,)\s*server-timing\s*(,|$)/i;

/** Responses that are not sent completely. */
export class OpenResponses {
  readonly #open = new Set<ServerResponse>();

  /** Number of responses. */
  get size(): number {
    return this.#open.size;
  }

  add(response: ServerResponse): void {
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
  }

  /**
   * Waits until all responses are sent, at most for a time in milliseconds.
   *
   * @returns the number of those that are not
   */
  async sent(limitMs: number): Promise<number> {
    const end = performance.now() + limitMs;
    while (this.#open.size > 0 && performance.now() < end) await sleep(CHECK_MS);
    return this.#open.size;
  }
}

/**
 * Counts every request and logs one line for it, also for those whose client disconnects. Adds `Server-Timing` for clients that
 * send `Prefer: server-timing`.
 */
export function observeRequests(app: FastifyInstance, metrics: Metrics, open: OpenResponses): void {
  app.decorateRequest('phases', null);
  app.decorateRequest('errorCode', null);
  app.decorateRequest('traceparent', undefined);
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, reply, done) => {
    open.add(reply.raw);
    const { traceparent } = request.headers;
    if (typeof traceparent === 'string' && TRACEPARENT.test(traceparent)) request.traceparent = traceparent;
    let isDone = false;
    reply.raw.once('finish', () => {
      isDone = true;
    });
    reply.raw.once('close', () => {
      if (!isDone) end(request, reply, metrics, request.raw.complete ? 'waiting' : 'request');
    });
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    const { prefer } = request.headers;
    if (prefer !== undefined && SERVER_TIMING.test(String(prefer))) {
      const phases = Object.entries({ ...request.phases, total: reply.elapsedTime });
      void reply
        .header('preference-applied', 'server-timing')
        .header('server-timing', phases.map(([name, ms]) => `${name};dur=${rounded(ms)}`).join(', '));
    }
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    // Node reports a response as finished, too, if its connection is closed before its client has read it.
    end(request, reply, metrics, isClosed(request) ? 'response' : null);
    done();
  });
}

/** Records how long a part of a request's work took. */
export function recordPhase(request: FastifyRequest, metrics: Metrics, phase: Phase, durationMs: number): void {
  request.phases = { ...request.phases, [phase]: durationMs };
  request.span?.setAttribute(`digits.${phase}_ms`, durationMs);
  metrics.countPhase(phase, durationMs);
}

function isClosed({ raw }: FastifyRequest): boolean {
  return (raw.socket as typeof raw.socket | null)?.destroyed === true;
}

function end(request: FastifyRequest, reply: FastifyReply, metrics: Metrics, dropped: DropPhase | null): void {
  const { method, routeOptions, id, ip, phases, errorCode, traceparent } = request;
  const { statusCode: status, elapsedTime } = reply;
  const route = routeOptions.url ?? 'none';
  if (dropped === null) metrics.countRequest(method, route, status, elapsedTime, errorCode);
  else {
    metrics.countDropped(method, route, dropped);
    // The plugin ends only the spans of answered requests.
    if (request.span?.isRecording() === true) request.span.setAttribute('digits.dropped', dropped).end();
  }
  request.server.log.info(
    {
      reqId: id,
      traceparent,
      ip,
      method,
      route,
      ...(dropped === null ? { status } : { dropped }),
      ...(errorCode !== null && { code: errorCode }),
      durationMs: rounded(elapsedTime),
      ...(phases !== null && { phases: mapValues(phases) }),
    },
    dropped === null ? 'answered' : 'dropped',
  );
}

function mapValues(phases: object): object {
  return Object.fromEntries(Object.entries(phases).map(([name, ms]) => [name, rounded(ms as number)]));
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
