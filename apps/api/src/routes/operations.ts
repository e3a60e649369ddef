import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ApiError, ERRORS, errorResponses } from '../service/errors.ts';
import type { RouteContext, TypedApp } from './context.ts';

const TAGS = ['Operations'];

/** Probes do not count towards the rate limit of an address. */
const UNLIMITED = { rateLimit: false } as const;

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
      config: UNLIMITED,
      schema: {
        tags: TAGS,
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

/** Adds `/openapi.json`, generated from the schemas that validate requests, and `/docs`, which loads nothing from other hosts. */
export async function documentRoutes(app: FastifyInstance, version: string, hasTokens: boolean): Promise<void> {
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
      ...(hasTokens && {
        components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
        security: [{ token: [] }],
      }),
    },
    transformObject: (document) =>
      'openapiObject' in document ? withBinaryBodies(document.openapiObject) : document.swaggerObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: PAGE_POLICY,
    // Without the bar that asks for the address of a document: there is only one.
    uiConfig: { layout: 'BaseLayout', deepLinking: true, validatorUrl: null },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, meaning }]) => `| ${status} | \`${code}\` | ${meaning} |`);
  return ['| status | code | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Schema of bytes, for which Swagger UI offers an upload. */
const FILE = { type: 'string', format: 'binary' };

interface Content {
  content: Record<string, { schema: object }>;
}

interface Operations {
  readonly post?: { readonly requestBody: Content; readonly responses: Record<string, Content> };
}

/** Describes binary bodies, which the validating schemas can't describe. */
function withBinaryBodies<OpenApi extends { paths?: object }>(document: OpenApi): OpenApi {
  for (const [path, { post }] of Object.entries((document.paths ?? {}) as Record<string, Operations>)) {
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
