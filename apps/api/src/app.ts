import bearerAuth from '@fastify/bearer-auth';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { DestinationStream } from 'pino';
import { createLogger } from './logging.ts';
import { allowedMethods } from './allowed-methods.ts';
import { answerConnectionError, answerError, answerErrors } from './error-answers.ts';
import { ApiError, type ErrorBody } from './errors.ts';
import { createMetrics } from './metrics.ts';
import { ModelHost } from './model-host.ts';
import { documentRoutes } from './documentation.ts';
import { requestIdOf } from './request-id.ts';
import type { RouteContext } from './routes/context.ts';
import { digitsRoutes } from './routes/digits.ts';
import { inferenceProtocolRoutes } from './routes/inference-protocol.ts';
import { metricsRoute, publicRoutes } from './routes/operations.ts';
import { tensorflowServingRoutes } from './routes/tensorflow-serving.ts';
import type { Settings } from './settings.ts';

/** What an app is built with besides its settings. */
export interface AppOptions {
  /** The built `picture-worker.js`. */
  readonly workerFile: string;
  /** Where log lines go; by default standard output. */
  readonly logDestination?: DestinationStream;
  /** Of the service's package. */
  readonly version: string;
}

/** An app that can listen, or be asked by `inject`. */
export interface BuiltApp {
  readonly app: FastifyInstance;
  readonly host: ModelHost;
}

/** How often connections are looked through for requests that came too slowly, in milliseconds. */
const SLOW_REQUEST_CHECK_MS = 1000;

/** Idle connections are kept longer than load balancers keep theirs (60 s), so that they never send into a closing one. */
const KEEP_ALIVE_MS = 72_000;

/**
 * Builds the service, which does not listen yet; its model is loaded by `host.load()`. Closing the app frees the model, after what was
 * accepted is answered.
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
    // Node lets whichever limit is larger count for the whole request: the one for its headers must not be.
    http: { connectionsCheckingInterval: SLOW_REQUEST_CHECK_MS, headersTimeout: settings.timeoutMs },
    trustProxy: settings.trustProxy ? isProxyInFront : false,
    // What arrives while closing is answered by a hook of ours, in the catalogue's form.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    clientErrorHandler: answerConnectionError,
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply);
    },
    routerOptions: { maxParamLength: 200 },
  });
  app.decorate('allowed', allowedMethods(app));
  answerErrors(app);
  app.removeContentTypeParser('text/plain');
  observeRequests(app, context);
  await protect(app, settings);
  await documentRoutes(app, version, settings.tokens.length > 0);
  publicRoutes(app.withTypeProvider(), context);
  await app.register(async (guarded) => {
    if (settings.tokens.length > 0) await requireToken(guarded, settings.tokens);
    // Each in a scope of its own: they parse bodies in their own ways.
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

/** Who connects is trusted, nobody behind it: entries of `X-Forwarded-For` before the last are what the client sent. */
function isProxyInFront(_address: string, hop: number): boolean {
  return hop === 0;
}

/** Counts and logs every request, one line each, and refuses those that come while closing. */
function observeRequests(app: FastifyInstance, { host, metrics }: RouteContext): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    // A client that is told so opens its next connection at another replica.
    if (host.state === 'draining' || host.state === 'closing') void reply.header('connection', 'close');
    const encoding = request.headers['content-encoding'];
    if (host.state === 'closing') done(new ApiError('SHUTTING_DOWN', 'the service is ending; ask another replica'));
    else if (encoding !== undefined && encoding !== 'identity') {
      done(new ApiError('UNSUPPORTED_MEDIA_TYPE', 'the body must come without a content encoding; send it as it is'));
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

/** Security headers, the limit of each address, and pages of other origins. */
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
        new ApiError('RATE_LIMITED', `an address may send ${max} requests a minute; come again in ${after}`),
    });
  }
}

async function requireToken(app: FastifyInstance, tokens: readonly string[]): Promise<void> {
  await app.register(bearerAuth, {
    keys: new Set(tokens),
    contentType: 'application/json; charset=utf-8',
    verifyErrorLogLevel: 'info',
    errorResponse: (): ErrorBody => ({
      error: 'the header Authorization must be "Bearer" and a token that this service knows',
      code: 'UNAUTHORIZED',
    }),
  });
}
