import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Type } from 'typebox';

/**
 * Catalogue of every error that the service sends: `{ error, code }`, where `code` is stable and `error` is one line that says what to
 * do. Statuses are those of RFC 9110.
 */
export const ERRORS = {
  INVALID_JSON: { status: 400, meaning: 'the body is not valid JSON' },
  INVALID_REQUEST: { status: 400, meaning: 'a field, a header or a parameter is missing or has the wrong type' },
  INVALID_TENSOR: { status: 400, meaning: 'shape, datatype and data of a tensor do not match' },
  INVALID_STROKES: { status: 400, meaning: 'the strokes of a drawing are not finite points, or there are too many' },
  DAMAGED_PICTURE: { status: 400, meaning: 'the image file is truncated or corrupt' },
  UNAUTHORIZED: { status: 401, meaning: 'the bearer token is missing or wrong' },
  FORBIDDEN: { status: 403, meaning: 'the path leads out of the documentation' },
  NOT_FOUND: { status: 404, meaning: 'the path does not exist' },
  MODEL_NOT_FOUND: { status: 404, meaning: 'the model or its version does not exist' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'the path exists, but only for the methods in the Allow header' },
  REQUEST_TIMEOUT: { status: 408, meaning: 'the request arrived too slowly' },
  PRECONDITION_FAILED: { status: 412, meaning: 'the file differs from what If-Match or If-Unmodified-Since requires' },
  BODY_TOO_LARGE: { status: 413, meaning: 'the body has more bytes than the limit' },
  PICTURE_TOO_LARGE: { status: 413, meaning: 'the image file has more pixels than the limit' },
  TOO_MANY_IMAGES: { status: 413, meaning: 'the batch has more images than the limit' },
  URI_TOO_LONG: { status: 414, meaning: 'a segment of the path is too long' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    meaning: 'the content type, the content encoding or the image format is not supported',
  },
  RANGE_NOT_SATISFIABLE: { status: 416, meaning: 'the range is outside the file' },
  EXPECTATION_FAILED: { status: 417, meaning: 'the header Expect is not supported' },
  RATE_LIMITED: { status: 429, meaning: 'this address sends too many requests; retry after the time in Retry-After' },
  HEADERS_TOO_LARGE: { status: 431, meaning: 'the headers have more bytes than the limit' },
  INTERNAL: { status: 500, meaning: 'a bug in the service; its log has the details under the request id' },
  OVERLOADED: { status: 503, meaning: 'the queue is full; retry after the time in Retry-After' },
  NOT_READY: { status: 503, meaning: 'the model is loading, or the service is about to shut down' },
  SHUTTING_DOWN: { status: 503, meaning: 'the service is shutting down; ask another replica' },
  STORE_UNAVAILABLE: { status: 503, meaning: 'the store of images cannot be written' },
  TIMED_OUT: { status: 503, meaning: 'the answer took longer than the limit' },
  STORE_FULL: { status: 507, meaning: 'the store of images has no room' },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

/** Code of an error in the catalogue. */
export type ErrorCode = keyof typeof ERRORS;

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** Body of an error response. */
export interface ErrorBody {
  readonly error: string;
  readonly code: ErrorCode;
}

/** Content type of JSON that Fastify does not serialise itself. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/** Refusal with a code of the catalogue; the client reads its message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** Returns the error of a request whose client has disconnected. It is never sent and does not count as a fault of the service. */
export function clientLeft(): ApiError {
  return new ApiError('INVALID_REQUEST', 'the client must wait for the answer, but it has disconnected');
}

const ErrorSchema = Type.Object(
  {
    error: Type.String({ description: 'One line that says what to do.' }),
    code: Type.Union(
      CODES.map((code) => Type.Literal(code)),
      { description: 'Stable code; the description of this API lists statuses and meanings.' },
    ),
  },
  { title: 'Error', description: 'Every error has this form.' },
);

/**
 * Lists the error responses of a route.
 *
 * @param ownCodes codes that not every route sends
 * @returns schemas by status
 */
export function errorResponses(...ownCodes: readonly ErrorCode[]): Record<number, typeof ErrorSchema> {
  const everywhere: ErrorCode[] = [
    'INVALID_REQUEST',
    'URI_TOO_LONG',
    'UNSUPPORTED_MEDIA_TYPE',
    'RATE_LIMITED',
    'INTERNAL',
    'SHUTTING_DOWN',
  ];
  const byStatus: Record<number, typeof ErrorSchema> = {};
  for (const status of new Set([...everywhere, ...ownCodes].map((code) => ERRORS[code].status))) {
    const own = CODES.filter((code) => ERRORS[code].status === status);
    const description = own.map((code) => `\`${code}\`: ${ERRORS[code].meaning}.`).join(' ');
    byStatus[status] = { ...ErrorSchema, description } as typeof ErrorSchema;
  }
  return byStatus;
}

/** Number of seconds after which a client with a 503 may retry. */
const RETRY_AFTER_SECONDS = 1;

/** Codes for the errors of Fastify and its plugins. */
const CODES_OF_FASTIFY: Readonly<Partial<Record<string, ErrorCode>>> = {
  FST_ERR_VALIDATION: 'INVALID_REQUEST',
  FST_ERR_CTP_INVALID_JSON_BODY: 'INVALID_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'INVALID_JSON',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_REQ_FILE_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_MAX_PARAM_LENGTH: 'URI_TOO_LONG',
};

/** Messages for those whose own message does not say what to do. */
const MESSAGES: Readonly<Partial<Record<string, string>>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the content type must be supported by this path; see /openapi.json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body must be smaller; it exceeds the limit of the service',
  FST_REQ_FILE_TOO_LARGE: 'the image file must be smaller; it exceeds the limit of the service',
};

/** Codes for errors that have only a status. */
const CODES_OF_STATUS: Readonly<Partial<Record<number, ErrorCode>>> = {
  400: 'INVALID_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  406: 'UNSUPPORTED_MEDIA_TYPE',
  412: 'PRECONDITION_FAILED',
  413: 'BODY_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  416: 'RANGE_NOT_SATISFIABLE',
  429: 'RATE_LIMITED',
};

/** Makes the app send every error of the routes added from now on in the form of the catalogue. */
export function sendErrors(app: FastifyInstance): void {
  const methodsAt = recordMethods(app);
  const notFound = ({ url, method }: FastifyRequest, reply: FastifyReply): ApiError => {
    const methods = methodsAt(url.split('?', 1)[0]);
    // The path fits the form of a route, but not its rules.
    if (methods.length === 0 || methods.includes(method))
      return new ApiError('NOT_FOUND', 'the path must be one of those listed at /, got another');
    void reply.header('allow', methods.join(', '));
    return new ApiError('METHOD_NOT_ALLOWED', `${method} must be ${methods.join(' or ')} at this path`);
  };
  app.setErrorHandler<FastifyError | ApiError>((error, request, reply) => {
    // For a path that does not exist, it does not matter what the body is.
    const isOfBody = !(error instanceof ApiError) || error.code === 'UNSUPPORTED_MEDIA_TYPE';
    return sendError(request.is404 && isOfBody ? notFound(request, reply) : error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => sendError(notFound(request, reply), request, reply));
}

/**
 * Records every route that is added to the app from now on.
 *
 * @returns a function from a path without its query to the methods of its routes, in alphabetical order
 */
function recordMethods(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: toPattern(url), methods: [method].flat() });
  });
  return (path) => {
    const methods = routes.flatMap(({ pattern, methods: own }) => (pattern.test(path) ? own : []));
    return [...new Set(methods)].filter((method) => method !== 'OPTIONS').sort();
  };
}

/** A parameter matches a path segment up to a colon, regardless of its own rule; `::` is a colon, `*` the rest of the path. */
function toPattern(url: string): RegExp {
  const source = url
    .replaceAll(/\([^)]*\)/g, '')
    .split('/')
    .map((part) => {
      const [, parameter = '', rest] = /^(:\w+)?(.*)$/.exec(part) ?? [];
      const literal = rest.replace('::', ':').replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
      return `${parameter === '' ? '' : '[^/:]+'}${literal === '*' ? '.*' : literal}`;
    })
    .join('/');
  return new RegExp(`^${source}$`);
}

/** Sends an error; if it is not in the catalogue, it is logged and the client learns no details. */
export function sendError(error: FastifyError | ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = describe(error);
  const { status } = ERRORS[body.code];
  request.errorCode = body.code;
  if (status === 500) request.log.error({ err: error }, 'unexpected error');
  if (status === 503) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  // The rest of the body is not read, so the connection can't be reused.
  const isCutOff = body.code === 'OVERLOADED' && request.heldBytes > 0 && !request.raw.complete;
  if (body.code === 'BODY_TOO_LARGE' || isCutOff) void reply.header('connection', 'close');
  return reply.code(status).type(JSON_TYPE).serializer(JSON.stringify).send(body);
}

function describe(error: FastifyError | ApiError): ErrorBody {
  if (error instanceof ApiError) return { error: error.message, code: error.code };
  const code = CODES_OF_FASTIFY[error.code] ?? CODES_OF_STATUS[error.statusCode ?? 500] ?? 'INTERNAL';
  if (code === 'INTERNAL') return { error: 'the service failed; its log has the request id', code };
  return { error: MESSAGES[error.code] ?? error.message.replaceAll(/\s*\n\s*/g, ' '), code };
}

/** Errors of connections, by Node's codes. */
const CONNECTION_ERRORS: Readonly<Partial<Record<string, readonly [ErrorCode, string]>>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'the request arrived too slowly; send it faster'],
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'the headers must be smaller'],
};

/** Describes why bytes of a connection could not be read as HTTP; Fastify sees no request there. */
export function connectionError({ code }: NodeJS.ErrnoException): ApiError {
  const [known, message] = CONNECTION_ERRORS[code ?? ''] ?? ['INVALID_REQUEST', 'the request must be HTTP/1.1'];
  return new ApiError(known, message);
}

/** Sends an error, in the same form, on a connection that no request of the app owns, and closes it. */
export function sendOnSocket(socket: Socket, { code, message, status }: ApiError): void {
  if (socket.destroyed) return;
  const body = JSON.stringify({ error: message, code } satisfies ErrorBody);
  if (socket.writable) {
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `Content-Type: ${JSON_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(status === 503 || status === 429 ? [`Retry-After: ${RETRY_AFTER_SECONDS}`] : []),
      'Connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}
