import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { ERRORS } from './errors.ts';

/** How paths end whose bodies may be bytes too: the schemas that validate know JSON alone. */
const BINARY_PATH_END = '/infer';

/** Serves `/openapi.json`, made from the schemas that validate, and `/docs`, a page that needs no other host. */
export async function documentRoutes(app: FastifyInstance, version: string, hasTokens: boolean): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'digits',
        version,
        description: `Reads handwritten digits.\n\nErrors are \`{ error, code }\`, everywhere:\n\n${errorTable()}`,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'Digits', description: 'Pictures and drawings in, digits out.' },
        { name: 'Open Inference Protocol', description: 'Tensors in, tensors out, as Triton and KServe speak it.' },
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
    staticCSP: true,
    uiConfig: { deepLinking: true, validatorUrl: null },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, meaning }]) => `| ${status} | \`${code}\` | ${meaning} |`);
  return ['| status | code | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

type Document = Parameters<typeof addBinaryBody>[0];

function withBinaryBodies<OpenApi extends { paths?: Record<string, unknown> }>(document: OpenApi): OpenApi {
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    if (path.endsWith(BINARY_PATH_END)) addBinaryBody(operations as Document);
  }
  return document;
}

interface Content {
  content: Record<string, unknown>;
}

function addBinaryBody({ post }: { post: { requestBody: Content; responses: Record<string, Content> } }): void {
  const bytes = {
    schema: {
      type: 'string',
      format: 'binary',
      description: 'JSON, then the bytes of the tensors; `Inference-Header-Content-Length` says where the JSON ends.',
    },
  };
  post.requestBody.content['application/octet-stream'] = bytes;
  post.responses['200'].content['application/octet-stream'] = bytes;
}
