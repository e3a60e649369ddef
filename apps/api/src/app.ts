import bearerAuth from '@fastify/bearer-auth';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import pino, { type DestinationStream } from 'pino';
import { ModelHost } from './inference/model-host.ts';
import type { RouteContext } from './routes/context.ts';
import { digitsRoutes } from './routes/digits.ts';
import { inferenceProtocolRoutes } from './routes/inference-protocol.ts';
import { documentRoutes, metricsRoute, publicRoutes } from './routes/operations.ts';
import { tensorflowServingRoutes } from './routes/tensorflow-serving.ts';
import { ApiError, type ErrorBody, JSON_TYPE, sendConnectionError, sendError, sendErrors } from './service/errors.ts';
import { createMetrics } from './service/metrics.ts';
import type { Settings } from './service/settings.ts';

/** Options of an app besides its settings. */
export interface AppOptions {
  /** Path of the built `picture-worker.js`. */
  readonly workerFile: string;
  /** Destination of the log; standard output by default. */
  readonly logDestination?: DestinationStream;
  /** Version of the service's package. */
  readonly version: string;
}

/** App that can listen, or be tested with `inject`. */
export interface BuiltApp {
  readonly app: FastifyInstance;
  readonly host: ModelHost;
}

/** Interval between checks for requests that arrive too slowly, in milliseconds. */
const SLOW_REQUEST_CHECK_MS = 1000;

/** Longer than load balancers keep idle connections (60 s), so they never send into one that closes. */
const KEEP_ALIVE_MS = 72_000;

/** Maximum time for which log lines are buffered, in milliseconds. */
const LOG_FLUSH_MS = 500;
const LOG_BUFFER_BYTES = 12_288;

/** Maximum size of lines that the reader of the log has not read yet; more are dropped so that an overloaded service keeps its memory. */
const MAX_UNREAD_LOG_BYTES = 4 * 1024 * 1024;

/** Request ids that are safe to log. */
const SAFE_ID = /^[\w.:+/=-]{1,128}$/;

/**
 * Builds the service. It does not listen yet, and `host.load()` loads its model. Closing the app answers the accepted requests, then
 * frees the model.
 */
export async function buildApp(
  settings: Settings,
  { workerFile, logDestination, version }: AppOptions,
): Promise<BuiltApp> {
  const metrics = createMetrics({
    images: () => host.served?.predictor.numQueued ?? 0,
    pictures: () => host.served?.pictures.numWaiting ?? 0,
  });
  const host = new ModelHost({ settings, workerFile, onBatch: metrics.countBatch });
  const context: RouteContext = { settings, host, metrics, serverVersion: version };
  const app = Fastify({
    loggerInstance: createLogger(settings.logLevel, logDestination),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestIdOf(request.headers),
    bodyLimit: settings.maxBody,
    requestTimeout: settings.timeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Node applies the larger of both limits to the whole request, so the one for the headers must not be larger.
    http: { connectionsCheckingInterval: SLOW_REQUEST_CHECK_MS, headersTimeout: settings.timeoutMs },
    trustProxy: settings.trustProxy ? isProxyInFront : false,
    // A hook answers requests that arrive during shutdown, in the form of the catalogue.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    clientErrorHandler: sendConnectionError,
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply);
    },
    routerOptions: { maxParamLength: 200 },
  });
  sendErrors(app);
  app.removeContentTypeParser('text/plain');
  observeRequests(app, context);
  await protect(app, settings);
  await documentRoutes(app, version, settings.tokens.length > 0);
  publicRoutes(app.withTypeProvider(), context);
  await app.register(async (guarded) => {
    if (settings.tokens.length > 0) await requireToken(guarded, settings.tokens);
    // In separate scopes, because they parse bodies differently.
    await guarded.register((scope, _, done) => {
      inferenceProtocolRoutes(scope.withTypeProvider(), context);
      done();
    });
    await guarded.register((scope) => digitsRoutes(scope.withTypeProvider(), context));
    tensorflowServingRoutes(guarded.withTypeProvider(), context);
    metricsRoute(guarded.withTypeProvider(), context);
  });
  app.addHook('onClose', () => host.dispose());
  await app.ready();
  return { app, host };
}

/** Creates a logger of JSON lines; by default they go to standard output, buffered, and are flushed when the process ends. */
function createLogger(level: Settings['logLevel'], destination?: DestinationStream): FastifyBaseLogger {
  const target =
    destination ??
    pino.destination({
      dest: 1,
      sync: false,
      minLength: LOG_BUFFER_BYTES,
      maxLength: MAX_UNREAD_LOG_BYTES,
      periodicFlush: LOG_FLUSH_MS,
    });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, target);
}

/** Returns the `X-Request-Id` of the client or a proxy, or a new id if that is missing or not safe to log. */
function requestIdOf(headers: IncomingHttpHeaders): string {
  const id = headers['x-request-id'];
  return typeof id === 'string' && SAFE_ID.test(id) ? id : randomUUID();
}

/** Trusts only the direct peer: the client can forge every entry of `X-Forwarded-For` but the last. */
function isProxyInFront(_address: string, hop: number): boolean {
  return hop === 0;
}

/** Counts every request, logs one line for it, and refuses it during shutdown. */
function observeRequests(app: FastifyInstance, { host, metrics }: RouteContext): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    // The client then opens its next connection to another replica.
    if (host.state === 'draining' || host.state === 'closing') void reply.header('connection', 'close');
    const encoding = request.headers['content-encoding'];
    if (host.state === 'closing')
      done(new ApiError('SHUTTING_DOWN', 'the service is shutting down; ask another replica'));
    else if (encoding !== undefined && encoding !== 'identity') {
      done(
        new ApiError(
          'UNSUPPORTED_MEDIA_TYPE',
          'the body must be sent without a content encoding; send it uncompressed',
        ),
      );
    } else done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, id, ip } = request;
    const { statusCode: status, elapsedTime } = reply;
    const route = routeOptions.url ?? 'none';
    metrics.countRequest(method, route, status, elapsedTime);
    app.log.info(
      { reqId: id, ip, method, route, status, durationMs: Math.round(elapsedTime * 1000) / 1000 },
      'answered',
    );
    done();
  });
}

/** Adds security headers, the rate limit per address, and CORS. */
async function protect(app: FastifyInstance, { rateLimit: perMinute, corsOrigins }: Settings): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  });
  if (corsOrigins.length > 0) {
    await app.register(cors, {
      origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST'],
      exposedHeaders: ['inference-header-content-length', 'retry-after', 'x-request-id'],
    });
  }
  if (perMinute > 0) {
    await app.register(rateLimit, {
      max: perMinute,
      timeWindow: '1 minute',
      errorResponseBuilder: (_, { max, after }) =>
        new ApiError('RATE_LIMITED', `an address may send ${max} requests per minute; retry in ${after}`),
    });
  }
}

async function requireToken(app: FastifyInstance, tokens: readonly string[]): Promise<void> {
  await app.register(bearerAuth, {
    keys: new Set(tokens),
    contentType: JSON_TYPE,
    verifyErrorLogLevel: 'info',
    errorResponse: (): ErrorBody => ({
      error: 'the header Authorization must be "Bearer" and a valid token',
      code: 'UNAUTHORIZED',
    }),
  });
}
