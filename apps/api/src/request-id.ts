import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a client's or a proxy's id may be made of, so that it can't break a log. */
const SAFE_ID = /^[\w.:+/=-]{1,128}$/;

/** @returns the `X-Request-Id` that the request came with, or a new one where there is none that is safe to log */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const id = headers['x-request-id'];
  return typeof id === 'string' && SAFE_ID.test(id) ? id : randomUUID();
}
