import type { FastifyInstance } from 'fastify';
import { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelHost } from './model-host.ts';

/**
 * Connections that were told to close, or that never asked anything, get so long to notice that nobody listens any more: a
 * request that is on its way when an idle connection is closed would be lost.
 */
const SETTLE_MS = 250;

/**
 * Ends the service without losing a request: it is not ready from now on, takes requests for `drainMs` more, then stops to listen,
 * refuses what still comes over open connections, answers what was accepted, and closes.
 */
export async function shutDown(app: FastifyInstance, host: ModelHost, drainMs: number): Promise<void> {
  host.drain();
  await sleep(drainMs);
  // Not the HTTP server's own close, which would cut idle connections off at once.
  Server.prototype.close.call(app.server);
  await sleep(SETTLE_MS);
  host.close();
  await sleep(SETTLE_MS);
  await app.close();
}
