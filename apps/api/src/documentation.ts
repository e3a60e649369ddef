import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { ERRORS } from './errors.ts';

/**
 * What the page may load: its own files, and pictures that it carries in itself. The plugin's own policy would ask browsers to turn to
 * https, which a service inside a network does not speak; styles are allowed inline, as Swagger UI sets some on its elements.
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
        { name: 'TensorFlow Serving', description: 'The same, as TensorFlow Serving has it.' },
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
    // Without the bar that asks for the address of a document: there is but one.
    uiConfig: { layout: 'BaseLayout', deepLinking: true, validatorUrl: null },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, meaning }]) => `| ${status} | \`${code}\` | ${meaning} |`);
  return ['| status | code | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Bytes, as pages of documentation offer to upload them. */
const FILE = { type: 'string', format: 'binary' };

interface Content {
  content: Record<string, { schema: object }>;
}

interface Operations {
  readonly post?: { readonly requestBody: Content; readonly responses: Record<string, Content> };
}

/** Says of bodies that are bytes what no schema that validates JSON can say. */
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
        'JSON, then the bytes of the tensors; `Inference-Header-Content-Length` says where the JSON ends.';
      content['application/octet-stream'] = { schema: { ...FILE, description } };
      post.responses['200'].content['application/octet-stream'] = { schema: { ...FILE, description } };
    }
  }
  return document;
}
