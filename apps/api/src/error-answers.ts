import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { QueueFullError } from './batching.ts';
import { ApiError, ERRORS, type ErrorBody, type ErrorCode } from './errors.ts';
import { JSON_TYPE } from './routes/context.ts';

/** Seconds after which a refused client may come again. */
const RETRY_AFTER_SECONDS = 1;

/** Fastify's own errors, and those of its plugins, by their codes. */
const CODES: Readonly<Partial<Record<string, ErrorCode>>> = {
  FST_ERR_VALIDATION: 'INVALID_REQUEST',
  FST_ERR_CTP_INVALID_JSON_BODY: 'INVALID_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'INVALID_JSON',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_REQ_FILE_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_MAX_PARAM_LENGTH: 'URI_TOO_LONG',
};

/** What is said instead of their own words, which do not say what to do. */
const MESSAGES: Readonly<Partial<Record<string, string>>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the content type must be one that this path takes; /openapi.json names them',
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body must be smaller; the service takes no more bytes',
  FST_REQ_FILE_TOO_LARGE: 'the picture file must be smaller; the service takes no more bytes',
};

/** Statuses of errors that have no code of their own in the catalogue. */
const CODES_OF_STATUS: Readonly<Partial<Record<number, ErrorCode>>> = {
  400: 'INVALID_REQUEST',
  404: 'NOT_FOUND',
  406: 'UNSUPPORTED_MEDIA_TYPE',
  413: 'BODY_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
};

/** Answers every error of every route from the catalogue. */
export function answerErrors(app: FastifyInstance): void {
  // What is wrong with a request to nowhere does not matter: there is nowhere to send it.
  app.setErrorHandler<FastifyError | ApiError>((error, request, reply) =>
    answerError(request.is404 ? notFound(request, reply) : error, request, reply),
  );
  app.setNotFoundHandler((request, reply) => answerError(notFound(request, reply), request, reply));
}

/** A path that is there for other methods says for which. */
function notFound({ url, method, server }: FastifyRequest, reply: FastifyReply): ApiError {
  const methods = server.allowed.methodsAt(url.split('?', 1)[0]);
  if (methods.length === 0) return new ApiError('NOT_FOUND', 'the path must be one of those at /, got another');
  void reply.header('allow', methods.join(', '));
  return new ApiError('METHOD_NOT_ALLOWED', `${method} must be ${methods.join(' or ')} at this path`);
}

/** Sends what the catalogue says of an error; what is not in it is logged and says nothing of its inside. */
export function answerError(
  error: FastifyError | ApiError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const body = describe(error);
  const { status } = ERRORS[body.code];
  if (status === 500) request.log.error({ err: error }, 'unexpected error');
  if (status === 503) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  // What is left of the body is not read: the connection can't be used again.
  if (body.code === 'BODY_TOO_LARGE') void reply.header('connection', 'close');
  return reply.code(status).type(JSON_TYPE).serializer(JSON.stringify).send(body);
}

/** @returns what the client is told */
function describe(error: FastifyError | ApiError): ErrorBody {
  if (error instanceof ApiError) return { error: error.message, code: error.code };
  if (error instanceof QueueFullError) return { error: `${error.message}; come again in a second`, code: 'OVERLOADED' };
  const code = CODES[error.code] ?? CODES_OF_STATUS[error.statusCode ?? 500] ?? 'INTERNAL';
  if (code === 'INTERNAL') return { error: 'the service failed; its log has the request id', code };
  return { error: MESSAGES[error.code] ?? oneLine(error.message), code };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

/** Why a connection could not be read as HTTP, by Node's error codes. */
const CONNECTION_ERRORS: Readonly<Partial<Record<string, readonly [ErrorCode, string, string]>>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', '408 Request Timeout', 'the request must come faster'],
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', '431 Request Header Fields Too Large', 'the headers must be smaller'],
};

/** Answers, in the catalogue's form too, what could not be read as HTTP; Fastify sees no request there. */
export function answerConnectionError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [code, status, message] = CONNECTION_ERRORS[error.code ?? ''] ?? [
    'INVALID_REQUEST',
    '400 Bad Request',
    'the request must be HTTP/1.1',
  ];
  const body = JSON.stringify({ error: message, code } satisfies ErrorBody);
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}
