import type { FastifyBaseLogger } from 'fastify';
import pino, { type DestinationStream } from 'pino';
import type { Settings } from './settings.ts';

/** Lines are written together, at the latest after so many milliseconds. */
const FLUSH_MS = 500;
const BUFFER_BYTES = 12_288;

/** Lines that the reader of the log is too slow for are lost beyond so many bytes: a service that is overrun must not run out of memory. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/**
 * Makes a logger of JSON lines, one for each request and for what the operator should know.
 *
 * @param destination standard output where left out, buffered (lines beyond 4 MiB that nobody reads are dropped) and flushed when the
 *   process ends
 */
export function createLogger(level: Settings['logLevel'], destination?: DestinationStream): FastifyBaseLogger {
  const target =
    destination ??
    pino.destination({
      dest: 1,
      sync: false,
      minLength: BUFFER_BYTES,
      maxLength: MAX_UNREAD_BYTES,
      periodicFlush: FLUSH_MS,
    });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, target);
}
