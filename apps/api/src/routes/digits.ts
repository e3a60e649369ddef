import multipart from '@fastify/multipart';
import type { Stroke } from '@digits/data';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { ApiError } from '../errors.ts';
import type { DigitAnswer, DigitsAnswer, ReadingOptions } from '../pictures/answer.ts';
import type { PictureTask } from '../pictures/picture-task.ts';
import { DigitSchema, DigitsQuerySchema, DrawingSchema, MAX_POINTS, SeveralDigitsSchema } from '../schemas/digits.ts';
import { errorResponses } from '../schemas/errors.ts';
import { JSON_TYPE, type RouteContext, type TypedApp } from './context.ts';

/** Formats that `@digits/picture-files` reads; the file's first bytes decide, whatever the content type says. */
const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp', 'image/tiff'] as const;

/** Parts of a form besides the picture; they are not read. */
const MAX_FIELDS = 16;

/** `POST /v1/digits`: a picture or a drawing in, digits out. */
export async function digitsRoutes(app: TypedApp, context: RouteContext): Promise<void> {
  const { settings } = context;
  await app.register(multipart, {
    limits: { files: 1, fields: MAX_FIELDS, fieldSize: 1024, fileSize: settings.maxBody, parts: MAX_FIELDS + 1 },
  });
  for (const type of [/^image\//, 'application/octet-stream']) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_, body, done) => {
      done(null, body);
    });
  }
  // No type: what is validated are bytes, which no JSON schema describes.
  const file = { schema: Type.Any({ description: 'A picture file.' }) };
  app.post(
    '/v1/digits',
    {
      schema: {
        tags: ['Digits'],
        summary: 'Reads a picture or a drawing',
        description:
          'The body is a picture file (PNG, JPEG, WebP, GIF, BMP or TIFF), a form with one, or a drawing as JSON. With `multiple=true` the answer is `SeveralDigits`.',
        querystring: DigitsQuerySchema,
        body: {
          content: {
            'application/json': { schema: DrawingSchema },
            'multipart/form-data': {
              schema: Type.Any({ description: 'A form with one picture file, under any name.' }),
            },
            ...Object.fromEntries(PICTURE_TYPES.map((type) => [type, file])),
          },
        },
        response: {
          200: Type.Union([DigitSchema, SeveralDigitsSchema], { description: 'What was read.' }),
          ...errorResponses(
            'DAMAGED_PICTURE',
            'INVALID_STROKES',
            'PICTURE_TOO_LARGE',
            'UNSUPPORTED_MEDIA_TYPE',
            'OVERLOADED',
          ),
        },
      },
    },
    async (request, reply) => {
      const startedAt = performance.now();
      const task: PictureTask = { ...(await readBody(request)), options: readOptions(request) };
      const answer = await answerDigits(context, task, reply, startedAt);
      return reply.type(JSON_TYPE).serializer(JSON.stringify).send(answer);
    },
  );
}

async function answerDigits(
  { settings, host, metrics }: RouteContext,
  task: PictureTask,
  reply: FastifyReply,
  startedAt: number,
): Promise<Static<typeof DigitSchema> | Static<typeof SeveralDigitsSchema>> {
  const { model, pictures } = host.requireServed();
  const result = await withinTime(settings.timeoutMs, reply, (signal) => pictures.read(task, signal));
  if ('refused' in result) throw new ApiError(result.refused, result.message);
  const { answer, time } = result;
  const answers = 'digits' in answer ? answer.digits : [answer];
  const numRejected = answers.filter(({ rejected }) => rejected).length;
  metrics.countAnswers('file' in task ? 'picture' : 'strokes', answers.length, numRejected);
  const { weightsSha256 } = model.metadata;
  return {
    ...(answer as Mutable<DigitAnswer> | Mutable<DigitsAnswer>),
    model: { name: settings.modelName, version: settings.modelVersion, weightsSha256 },
    time: {
      decodingMs: rounded(time.decodingMs),
      readingMs: rounded(time.readingMs),
      totalMs: rounded(performance.now() - startedAt),
    },
  };
}

/**
 * Ends work that takes too long, or that nobody waits for any more. (Fastify's own `handlerTimeout` ends with the request's body.)
 *
 * @throws ApiError `TIMED_OUT`
 */
async function withinTime<Result>(
  timeoutMs: number,
  { raw }: FastifyReply,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  const timer = setTimeout(abort, timeoutMs);
  raw.once('close', abort);
  try {
    return await work(controller.signal);
  } catch (cause) {
    if (!controller.signal.aborted) throw cause;
    throw new ApiError('TIMED_OUT', `answering must take at most ${timeoutMs} ms; send a smaller picture`, { cause });
  } finally {
    clearTimeout(timer);
    raw.off('close', abort);
  }
}

function readOptions({ query }: FastifyRequest): ReadingOptions {
  const { multiple, explain } = query as Static<typeof DigitsQuerySchema>;
  return { multiple: multiple === 'true', explain: explain === 'true' };
}

/** Schemas' types have no `readonly`; what is sent is not changed. */
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

async function readBody(request: FastifyRequest): Promise<Omit<PictureTask, 'options'> & PictureSource> {
  if (request.isMultipart()) return { file: await readForm(request) };
  const { body } = request;
  if (Buffer.isBuffer(body)) return { file: body };
  if (typeof body !== 'object' || body === null) {
    throw new ApiError(
      'INVALID_REQUEST',
      'the body must be a picture file, a form with one, or strokes as JSON, got none',
    );
  }
  const { strokes, penWidth = 0 } = body as Static<typeof DrawingSchema>;
  const numPoints = strokes.reduce((sum, { length }) => sum + length, 0);
  if (numPoints > MAX_POINTS) {
    throw new ApiError('INVALID_STROKES', `strokes must have at most ${MAX_POINTS} points, got ${numPoints}`);
  }
  return { drawing: { strokes: strokes as unknown as readonly Stroke[], penWidth } };
}

type PictureSource =
  { readonly file: Uint8Array } | { readonly drawing: { strokes: readonly Stroke[]; penWidth: number } };

async function readForm(request: FastifyRequest): Promise<Uint8Array> {
  try {
    const part = await request.file();
    if (part === undefined) throw new ApiError('INVALID_REQUEST', 'the form must have a picture file, got none');
    return await part.toBuffer();
  } catch (cause) {
    // The parser's own errors have no status: they are all the form's fault.
    if (cause instanceof Error && 'code' in cause) throw cause;
    throw new ApiError('INVALID_REQUEST', 'the form must be whole multipart/form-data, got a broken one', { cause });
  }
}

/** To a thousandth. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
