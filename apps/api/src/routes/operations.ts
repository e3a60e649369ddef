import { Type } from 'typebox';
import { ApiError } from '../errors.ts';
import { errorResponses } from '../schemas/errors.ts';
import { LiveSchema, ReadySchema } from '../schemas/inference-protocol.ts';
import type { RouteContext, TypedApp } from './context.ts';

const TAGS = ['Operations'];

/** Probes never count against an address. */
const UNLIMITED = { rateLimit: false } as const;

/** What a load balancer and a newcomer ask: open to all. */
export function publicRoutes(app: TypedApp, { settings, host, serverVersion }: RouteContext): void {
  app.get(
    '/',
    {
      schema: {
        tags: TAGS,
        summary: 'Says where things are',
        response: {
          200: Type.Object({
            name: Type.String(),
            version: Type.String(),
            links: Type.Record(Type.String(), Type.String()),
          }),
          ...errorResponses(),
        },
      },
    },
    () => ({
      name: 'digits',
      version: serverVersion,
      links: {
        documentation: '/docs',
        openapi: '/openapi.json',
        digits: '/v1/digits',
        server: '/v2',
        model: `/v2/models/${settings.modelName}`,
        infer: `/v2/models/${settings.modelName}/infer`,
        live: '/v2/health/live',
        ready: '/v2/health/ready',
        metrics: '/metrics',
      },
    }),
  );
  app.get(
    '/v2/health/live',
    {
      config: UNLIMITED,
      schema: {
        tags: TAGS,
        summary: 'Whether the process answers',
        response: { 200: LiveSchema, ...errorResponses() },
      },
    },
    () => ({ live: true }),
  );
  app.get(
    '/v2/health/ready',
    {
      config: UNLIMITED,
      schema: {
        tags: TAGS,
        summary: 'Whether requests should be sent here',
        response: { 200: ReadySchema, ...errorResponses('NOT_READY') },
      },
    },
    () => {
      if (host.isReady) return { live: true, ready: true };
      throw new ApiError('NOT_READY', `the service must be ready, and it is ${host.state}`);
    },
  );
}

/** What the operator's monitoring asks. */
export function metricsRoute(app: TypedApp, { metrics }: RouteContext): void {
  app.get(
    '/metrics',
    {
      config: UNLIMITED,
      schema: {
        tags: TAGS,
        summary: 'Counts and latencies for Prometheus',
        response: {
          200: { content: { 'text/plain': { schema: Type.String({ description: "Prometheus' text format." }) } } },
          ...errorResponses(),
        },
      },
    },
    async (_, reply) => reply.type(metrics.contentType).send(await metrics.expose()),
  );
}
