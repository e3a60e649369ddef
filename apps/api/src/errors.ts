/**
 * Every error that the service answers with: `{ error, code }`, where `code` is stable and `error` is one line that says what to
 * do. Statuses are those of RFC 9110.
 */
export const ERRORS = {
  INVALID_JSON: { status: 400, meaning: 'the body is no JSON' },
  INVALID_REQUEST: { status: 400, meaning: 'a field, a header or a parameter is missing or of the wrong kind' },
  INVALID_TENSOR: { status: 400, meaning: 'shape, datatype and data of a tensor do not fit together' },
  INVALID_STROKES: { status: 400, meaning: 'the strokes of a drawing are no finite points, or too many' },
  DAMAGED_PICTURE: { status: 400, meaning: 'the picture file is cut off or broken' },
  UNAUTHORIZED: { status: 401, meaning: 'a bearer token is asked for, and none or a wrong one came' },
  NOT_FOUND: { status: 404, meaning: 'there is nothing at this path' },
  MODEL_NOT_FOUND: { status: 404, meaning: 'no such model, or no such version of it' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'the path is there, for the methods in the Allow header' },
  REQUEST_TIMEOUT: { status: 408, meaning: 'the request came too slowly' },
  BODY_TOO_LARGE: { status: 413, meaning: 'the body has more bytes than the limit' },
  PICTURE_TOO_LARGE: { status: 413, meaning: 'the picture has more pixels than the limit' },
  TOO_MANY_IMAGES: { status: 413, meaning: 'the batch has more images than the limit' },
  URI_TOO_LONG: { status: 414, meaning: 'a part of the path is too long' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    meaning: 'the content type, the content encoding or the picture format is not read',
  },
  RATE_LIMITED: { status: 429, meaning: 'this address asks too often; Retry-After says when to come again' },
  HEADERS_TOO_LARGE: { status: 431, meaning: 'the headers have more bytes than the limit' },
  INTERNAL: { status: 500, meaning: 'a mistake of the service; its log has the request id' },
  OVERLOADED: { status: 503, meaning: 'the queue is full; Retry-After says when to come again' },
  NOT_READY: { status: 503, meaning: 'the model is being loaded, or the service is about to end' },
  SHUTTING_DOWN: { status: 503, meaning: 'the service is ending; ask another replica' },
  TIMED_OUT: { status: 503, meaning: 'answering took longer than the limit' },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** What is sent for an error. */
export interface ErrorBody {
  readonly error: string;
  readonly code: ErrorCode;
}

/** A refusal with a place in the catalogue; its message is what the client reads. */
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
