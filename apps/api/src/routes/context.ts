import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Metrics } from '../metrics.ts';
import type { ModelHost } from '../model-host.ts';
import type { Settings } from '../settings.ts';

/** What every route may need. */
export interface RouteContext {
  readonly settings: Settings;
  readonly host: ModelHost;
  readonly metrics: Metrics;
  /** Of the service's package. */
  readonly serverVersion: string;
}

/** A Fastify whose requests have the types of their schemas. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What is sent where Fastify does not serialise. */
export const JSON_TYPE = 'application/json; charset=utf-8';
