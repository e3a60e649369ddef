import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { DestinationStream } from 'pino';
import { ModelHost } from './inference/model-host.ts';
import { JsonParser } from './inference/json-parser.ts';
import { imageRules, type RouteContext } from './routes/context.ts';
import { digitsRoutes } from './routes/digits.ts';
import { feedbackRoutes } from './routes/feedback.ts';
import { inferenceProtocolRoutes } from './routes/inference-protocol.ts';
import { describeRoutes, documentRoutes, metricsRoute, publicRoutes } from './routes/operations.ts';
import { tensorflowServingRoutes } from './routes/tensorflow-serving.ts';
import { BodyReader } from './service/bodies.ts';
import { clientOfAddress, RecentClients } from './service/clients.ts';
import { ConnectionGate, connectionsThatFit, sendContinue } from './service/connections.ts';
import { ApiError, sendError, sendErrors } from './service/errors.ts';
import { Feedback } from './service/feedback.ts';
import { openFeedbackStore } from './service/feedback-store.ts';
import { createLogger } from './service/log.ts';
import { createMetrics, type Metrics } from './service/metrics.ts';
import { MonotonicStore } from './service/rate-limit.ts';
import { observeRequests, OpenResponses } from './service/requests.ts';
import type { Settings } from './service/settings.ts';
import type { Telemetry } from './service/telemetry.ts';
import { TokenFile } from './service/tokens.ts';

/** Options of an app besides its settings. */
export interface AppOptions {
  /** Path of the built `picture-worker.js`. */
  readonly workerFile: string;
  /** Path of the built `json-worker.js`. */
  readonly jsonWorkerFile: string;
  /** Destination of the log, with the number of lines that it could not write. */
  readonly log: DestinationStream & { readonly numLost: number };
  /** Null if OpenTelemetry is off. */
  readonly telemetry?: Telemetry | null;
  /** Version of the service's package. */
  readonly version: string;
}

/** App that can listen, or be tested with `inject`. */
export interface BuiltApp {
  readonly app: FastifyInstance;
  readonly host: ModelHost;
  /** App for the other port with metrics and documentation, null if there is only one port. */
  readonly admin: FastifyInstance | null;
  readonly openResponses: OpenResponses;
  /** Reads the file with the tokens again; they stay as they were if that fails. */
  readonly reloadTokens: () => void;
}

/** Interval between checks for requests that arrive too slowly, in milliseconds. */
const SLOW_REQUEST_CHECK_MS = 1000;

/** Longer than load balancers keep idle connections (60 s), so they never send into one that closes. */
const KEEP_ALIVE_MS = 72_000;

/** Request ids that are safe to log. */
const SAFE_ID = /^[\w.:+/=-]{1,128}$/;

/**
 * Builds the service. It does not listen yet, and `host.load()` loads its model. Closing the app answers the accepted requests, then
 * frees the model.
 */
export async function buildApp(
  settings: Settings,
  { workerFile, jsonWorkerFile, log, telemetry = null, version }: AppOptions,
): Promise<BuiltApp> {
  const openResponses = new OpenResponses();
  const metrics = createMetrics({
    version,
    images: () => host.served?.predictor.numQueued ?? 0,
    pictures: () => host.served?.pictures.numWaiting ?? 0,
    openResponses: () => openResponses.size,
    bodies: () => bodies.numHeld,
    bodyBytes: () => bodies.held,
    connections: () => connections.numOpen,
    lostLogLines: () => log.numLost,
    isReady: () => host.isReady,
    model: () => host.info,
  });
  const recent = new RecentClients();
  const host = new ModelHost({
    settings,
    recent,
    workerFile,
    onBatch: metrics.countBatch,
    onPicture: metrics.countPicture,
    onLoad: (...load) => {
      metrics.countLoad(...load);
    },
  });
  const tokens = settings.tokensFile === null ? null : new TokenFile(settings.tokensFile);
  const bodies = new BodyReader(settings, recent);
  const maxConnections = Math.min(settings.maxConnections, connectionsThatFit());
  const connections = new ConnectionGate({
    maxConnections,
    recent,
    clientOf: (request) => clientOf(request, settings, tokens),
    onRefusal: ({ code, message }, ip) => {
      metrics.countError(code);
      app.log.info({ ip, code, err: message }, 'connection refused');
    },
  });
  const json = new JsonParser(jsonWorkerFile, imageRules(settings));
  const feedback = await openFeedback(settings, metrics);
  const context: RouteContext = {
    settings,
    host,
    metrics,
    bodies,
    json,
    connections,
    feedback,
    serverVersion: version,
  };
  const app = Fastify({
    loggerInstance: createLogger(settings.logLevel, log),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => requestIdOf(request.headers),
    bodyLimit: settings.maxBody,
    serverFactory: (handle) =>
      connections.createServer(handle, {
        requestTimeout: settings.timeoutMs,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: SLOW_REQUEST_CHECK_MS,
        // Node applies the larger of both limits to the whole request, so the one for the headers must not be larger.
        headersTimeout: settings.timeoutMs,
      }),
    trustProxy: settings.trustProxy ? isProxyInFront : false,
    // A hook answers requests that arrive during shutdown, in the form of the catalogue.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    // The gate answers these.
    clientErrorHandler: () => undefined,
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply);
    },
    routerOptions: { maxParamLength: 200 },
  });
  sendErrors(app);
  app.removeContentTypeParser('text/plain');
  bodies.install(app);
  observeRequests(app, metrics, openResponses);
  await telemetry?.observe(app, metrics);
  prepareRequests(app, context);
  await protect(app, settings);
  await describeRoutes(app, version, tokens !== null);
  const hasAdmin = settings.adminPort !== null;
  if (!hasAdmin) await documentRoutes(app, () => app.swagger());
  publicRoutes(app.withTypeProvider(), context);
  await app.register(async (guarded) => {
    if (tokens !== null) requireToken(guarded, tokens, metrics);
    // In separate scopes, because they parse bodies differently.
    await guarded.register((scope, _, done) => {
      inferenceProtocolRoutes(scope.withTypeProvider(), context);
      done();
    });
    await guarded.register((scope, _, done) => {
      digitsRoutes(scope.withTypeProvider(), context);
      if (feedback !== null) feedbackRoutes(scope.withTypeProvider(), context, feedback);
      done();
    });
    await guarded.register((scope, _, done) => {
      tensorflowServingRoutes(scope.withTypeProvider(), context);
      done();
    });
    if (!hasAdmin) metricsRoute(guarded.withTypeProvider(), context);
  });
  const reloadTokens = (): void => {
    try {
      tokens?.reload();
      if (tokens !== null) app.log.info({ numTokens: tokens.size }, 'tokens reloaded');
    } catch (err) {
      app.log.error({ err }, 'tokens not reloaded');
    }
  };
  tokens?.watch(reloadTokens);
  app.addHook('onClose', async () => {
    tokens?.close();
    connections.dispose();
    await json.dispose();
    await host.dispose();
  });
  await app.ready();
  const admin = hasAdmin ? await buildAdmin(app, context) : null;
  return { app, host, admin, openResponses, reloadTokens };
}

async function openFeedback(settings: Settings, metrics: Metrics): Promise<Feedback | null> {
  const { feedbackStore, keepRejected, maxFeedback: maxImages, maxFeedbackBytes: maxBytes } = settings;
  if (feedbackStore === null) return null;
  return new Feedback(await openFeedbackStore(feedbackStore, { maxImages, maxBytes }), keepRejected, metrics);
}

/** Builds the app of the other port: metrics, documentation and probes, without tokens and limits. */
async function buildAdmin(app: FastifyInstance, context: RouteContext): Promise<FastifyInstance> {
  const admin = Fastify({ forceCloseConnections: true });
  sendErrors(admin);
  await documentRoutes(admin, () => app.swagger());
  publicRoutes(admin.withTypeProvider(), context);
  metricsRoute(admin.withTypeProvider(), context);
  await admin.ready();
  return admin;
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

/** Returns the client of a request before the app has seen it: the name of its token, or its address. */
function clientOf({ headers, socket }: IncomingMessage, { trustProxy }: Settings, tokens: TokenFile | null): string {
  const name = tokens === null ? null : clientOfToken(headers, tokens);
  if (name !== null) return name;
  const forwarded = trustProxy
    ? String(headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : undefined;
  return clientOfAddress(forwarded === undefined || forwarded === '' ? (socket.remoteAddress ?? '') : forwarded);
}

/** Returns the name of the client's bearer token, null if it is missing or wrong. */
function clientOfToken({ authorization = '' }: IncomingHttpHeaders, tokens: TokenFile): string | null {
  const token = /^bearer +(.*)$/i.exec(authorization)?.[1];
  return token === undefined ? null : tokens.clientOf(token.trim());
}

/** Gives every request its id and client, and refuses it during shutdown or if it is not HTTP as the service speaks it. */
function prepareRequests(app: FastifyInstance, { host }: RouteContext): void {
  app.decorateRequest('client', '');
  app.decorateRequest('images', null);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    request.client = clientOfAddress(request.ip);
    // The client then opens its next connection to another replica.
    if (host.state === 'draining' || host.state === 'closing') void reply.header('connection', 'close');
    const { host: hostname, expect, 'content-encoding': encoding } = request.headers;
    if (hostname === undefined && request.raw.httpVersionMinor === 1) {
      void reply.header('connection', 'close');
      done(new ApiError('INVALID_REQUEST', 'the request must have a Host header'));
    } else if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
      void reply.header('connection', 'close');
      done(new ApiError('EXPECTATION_FAILED', 'the header Expect must be 100-continue or omitted'));
    } else if (host.state === 'closing')
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
  // Only now, so that a refused body is never sent.
  app.addHook('preParsing', ({ raw }, reply, _, done) => {
    sendContinue(raw, reply.raw);
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
      global: false,
      max: perMinute,
      timeWindow: '1 minute',
      store: MonotonicStore,
      keyGenerator: ({ client }) => client,
      allowList: ({ routeOptions }) => routeOptions.config.isUnlimited === true,
      errorResponseBuilder: (_, { max, after }) =>
        new ApiError('RATE_LIMITED', `an address may send ${max} requests per minute; retry in ${after}`),
    });
    // For the whole app and before tokens are checked, so that refused requests count, too.
    app.addHook('onRequest', app.rateLimit());
  }
}

/** Refuses requests without a valid bearer token. */
function requireToken(app: FastifyInstance, tokens: TokenFile, metrics: Metrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    const name = clientOfToken(request.headers, tokens);
    if (name === null) {
      void reply.header('www-authenticate', 'Bearer realm="digits"');
      done(new ApiError('UNAUTHORIZED', 'the header Authorization must be "Bearer" and a valid token'));
      return;
    }
    metrics.countClient(name);
    request.client = name;
    done();
  });
}
