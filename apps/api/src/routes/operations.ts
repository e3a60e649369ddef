import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { ApiError, ERRORS, errorResponses, JSON_TYPE } from '../service/errors.ts';
import type { RouteContext, TypedApp } from './context.ts';

const TAGS = ['Operations'];

/** Probes do not count towards the rate limit of an address. */
const UNLIMITED = { isUnlimited: true } as const;

const LiveSchema = Type.Object({ live: Type.Boolean() });

/** The text of the protocol calls the field `live`, but its clients read `ready`, so the response has both. */
const ReadySchema = Type.Object({ live: Type.Boolean(), ready: Type.Boolean() });

/** Adds the routes that need no token: an overview and the probes. */
export function publicRoutes(app: TypedApp, { settings, host, serverVersion }: RouteContext): void {
  app.get(
    '/',
    {
      schema: {
        tags: TAGS,
        operationId: 'listPaths',
        security: [],
        summary: 'Lists the paths of the service',
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
        ...(settings.adminPort === null && { documentation: '/docs', openapi: '/openapi.json', metrics: '/metrics' }),
        digits: '/v1/digits',
        server: '/v2',
        model: `/v2/models/${settings.modelName}`,
        infer: `/v2/models/${settings.modelName}/infer`,
        live: '/v2/health/live',
        ready: '/v2/health/ready',
      },
    }),
  );
  app.get(
    '/v2/health/live',
    {
      config: UNLIMITED,
      schema: {
        tags: TAGS,
        operationId: 'getLive',
        security: [],
        summary: 'Says if the process answers',
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
        operationId: 'getReady',
        security: [],
        summary: 'Says if the service accepts requests',
        response: { 200: ReadySchema, ...errorResponses('NOT_READY') },
      },
    },
    () => {
      if (host.isReady) return { live: true, ready: true };
      throw new ApiError('NOT_READY', `the service must be ready, but it is ${host.state}`);
    },
  );
}

/** Adds `GET /metrics` for monitoring. */
export function metricsRoute(app: TypedApp, { metrics }: RouteContext): void {
  app.get(
    '/metrics',
    {
      schema: {
        tags: TAGS,
        operationId: 'getMetrics',
        summary: 'Returns counts and latencies for Prometheus',
        response: {
          200: { content: { 'text/plain': { schema: Type.String({ description: 'Text format of Prometheus.' }) } } },
          ...errorResponses(),
        },
      },
    },
    async (_, reply) => reply.type(metrics.contentType).send(await metrics.expose()),
  );
}

type OpenApiDocument = Exclude<ReturnType<FastifyInstance['swagger']>, string>;

/**
 * Content security policy of `/docs`: only its own files and inline images. The plugin's own policy would make browsers upgrade to https,
 * which a service inside a network does not offer. Inline styles are allowed because Swagger UI sets some.
 */
const PAGE_POLICY = {
  'default-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'style-src': "'self' 'unsafe-inline'",
};

/** Generates the OpenAPI document from the schemas of the routes added from now on, which validate requests. */
export async function describeRoutes(app: FastifyInstance, version: string, hasTokens: boolean): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'digits',
        version,
        description: `Recognises handwritten digits.\n\nEvery error has the form \`{ error, code }\`:\n\n${errorTable()}`,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'Digits', description: 'Read the digits in image files and drawings.' },
        { name: 'Open Inference Protocol', description: 'Classify tensors with clients of Triton and KServe.' },
        { name: 'TensorFlow Serving', description: 'Classify tensors with clients of TensorFlow Serving.' },
        { name: 'Operations', description: 'Probes, metrics, documentation.' },
      ],
      security: hasTokens ? [{ token: [] }] : [],
      ...(hasTokens && { components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } }),
    },
    transformObject: (document) =>
      'openapiObject' in document ? complete(document.openapiObject, hasTokens) : document.swaggerObject,
  });
}

/**
 * Adds `/openapi.json`, and `/docs`, which loads nothing from other hosts.
 *
 * @param document returns the OpenAPI document
 */
export async function documentRoutes(app: FastifyInstance, document: () => OpenApiDocument): Promise<void> {
  if (!app.hasPlugin('@fastify/swagger')) {
    const specification = { document: document() } as StaticDocumentSpec;
    await app.register(swagger, { mode: 'static', specification });
  }
  // Written once: writing the document for every request would take all of the processor's time.
  let json: Buffer | null = null;
  let yaml: Buffer | null = null;
  const sendJson = (reply: FastifyReply): FastifyReply =>
    reply.type(JSON_TYPE).send((json ??= Buffer.from(JSON.stringify(document()))));
  const sendYaml = (reply: FastifyReply): FastifyReply =>
    reply.type('application/x-yaml').send((yaml ??= Buffer.from(app.swagger({ yaml: true }))));
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: PAGE_POLICY,
    // Without the bar that asks for the address of a document: there is only one.
    uiConfig: { layout: 'BaseLayout', deepLinking: true, validatorUrl: null },
    uiHooks: {
      preHandler: (request, reply, done) => {
        const { url } = request.routeOptions;
        if (url === '/docs/json') void sendJson(reply);
        else if (url === '/docs/yaml') void sendYaml(reply);
        else done();
      },
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, (_, reply) => sendJson(reply));
}

function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, meaning }]) => `| ${status} | \`${code}\` | ${meaning} |`);
  return ['| status | code | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Schema of bytes, for which Swagger UI offers an upload. */
const FILE = { type: 'string', format: 'binary' };

/** Response to a request without a valid token. */
const UNAUTHORIZED_RESPONSE = {
  description: `\`UNAUTHORIZED\`: ${ERRORS.UNAUTHORIZED.meaning}.`,
  headers: { 'WWW-Authenticate': { schema: { type: 'string' } } },
  content: { 'application/json': { schema: errorResponses('UNAUTHORIZED')[ERRORS.UNAUTHORIZED.status] } },
};

interface Content {
  content: Record<string, { schema: object }>;
}

interface Operation {
  readonly requestBody: Content;
  readonly responses: Record<string, Content>;
  /** Empty if the operation needs no token. */
  readonly security?: readonly unknown[];
}

/** Operations of a path, by method. */
type Operations = Readonly<Partial<Record<string, Operation>>>;

/** Adds what the validating schemas can't describe: refusals without a token, and binary bodies. */
function complete<OpenApi extends { paths?: object }>(document: OpenApi, hasTokens: boolean): OpenApi {
  for (const [path, operations] of Object.entries((document.paths ?? {}) as Record<string, Operations>)) {
    for (const operation of Object.values(operations)) {
      if (!hasTokens || operation?.security?.length === 0) continue;
      Object.assign(operation?.responses ?? {}, { 401: UNAUTHORIZED_RESPONSE });
    }
    const { post } = operations;
    if (post === undefined) continue;
    const { content } = post.requestBody;
    for (const type of Object.keys(content)) if (type.startsWith('image/')) content[type] = { schema: FILE };
    if ('multipart/form-data' in content) {
      const schema = { type: 'object', required: ['picture'], properties: { picture: FILE } };
      content['multipart/form-data'] = { schema };
    }
    if (path.endsWith('/infer')) {
      const description =
        'JSON, then the bytes of the tensors; the header `Inference-Header-Content-Length` is the length of the JSON.';
      content['application/octet-stream'] = { schema: { ...FILE, description } };
      post.responses['200'].content['application/octet-stream'] = { schema: { ...FILE, description } };
    }
  }
  return document;
}
