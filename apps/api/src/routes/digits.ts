import type { GridSize, Stroke } from '@digits/data';
import type { ReadingOptions } from '@digits/reader';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { Type, type Static } from 'typebox';
import type { PictureTask } from '../inference/picture-task.ts';
import type { ReadingAnswer } from '../inference/reading-answer.ts';
import { recordPhase } from '../service/requests.ts';
import type { PictureSource } from '../service/feedback.ts';
import { ApiError, clientLeft, errorResponses, JSON_TYPE } from '../service/errors.ts';
import { parseJson } from '../service/json.ts';
import type { RouteContext, TypedApp } from './context.ts';
import { readFormFile } from './form.ts';

/** Formats that `@digits/picture-files` reads; the first bytes of a file decide which one it is, not the content type. */
const PICTURE_TYPES = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/avif',
  'image/gif',
  'image/bmp',
  'image/tiff',
] as const;

/** Maximum size of a drawing, which is minutes of drawing. */
const MAX_STROKES = 500;
const MAX_POINTS = 20_000;
const MAX_DRAWING_BYTES = 2 * 1024 * 1024;

const Switch = Type.Union([Type.Literal('true'), Type.Literal('false')]);

const DigitsQuerySchema = Type.Object({
  mode: Type.Optional(
    Type.Enum(['auto', 'single', 'multiple'], {
      description:
        'Number of digits to look for: `single`, `multiple`, or `auto` (the default), which decides by what the input shows.',
    }),
  ),
  multiple: Type.Optional({
    ...Switch,
    description: '`true` is short for `mode=multiple`, `false` for `mode=single`.',
  }),
  grid: Type.Optional(
    Type.String({
      pattern: '^([1-9]|[1-4][0-9]|50)x([1-9]|[1-4][0-9]|50)$',
      description:
        'Read an image as a table of this many rows and columns, up to `50x50`, with at most one digit in each cell. Example: `9x9`.',
    }),
  ),
  explain: Type.Optional({
    ...Switch,
    description:
      'Add a heat map of the evidence for the answer and against the runner-up, for a limited number of digits in reading order.',
  }),
});

const Point = Type.Array(Type.Number(), { minItems: 2, maxItems: 3, description: '`[x, y]` or `[x, y, pressure]`' });

const DrawingSchema = Type.Object(
  {
    strokes: Type.Array(Type.Array(Point, { maxItems: MAX_POINTS }), {
      maxItems: MAX_STROKES,
      description: `One array of points per stroke, in any unit, y pointing down; at most ${MAX_POINTS} points in total.`,
    }),
    penWidth: Type.Optional(Type.Number({ minimum: 0, description: 'Width of the pen, in the unit of the strokes.' })),
  },
  { title: 'Drawing' },
);

const Box = Type.Object({ x: Type.Number(), y: Type.Number(), width: Type.Number(), height: Type.Number() });

const Evidence = Type.Object({
  values: Type.Array(Type.Number(), { description: 'Row-major, in nats of log-probability.' }),
  picture: Type.String({ description: 'PNG as a data URL: orange is evidence for the answer, blue against it.' }),
});

const ExplanationSchema = Type.Object(
  {
    method: Type.Literal('occlusion'),
    digit: Type.Integer(),
    runnerUp: Type.Integer(),
    height: Type.Integer(),
    width: Type.Integer(),
    image: Type.String({ description: 'Input of the network, PNG as a data URL.' }),
    evidenceFor: Evidence,
    evidenceAgainst: Evidence,
  },
  { title: 'Explanation' },
);

const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

const answer = {
  digit: Nullable(Type.Integer({ description: 'Null if the image is not a digit.' })),
  className: Nullable(Type.String({ description: 'Name of the class of that digit.' })),
  runnerUp: Nullable(Type.Integer({ description: 'The second most probable digit.' })),
  confidence: Type.Number({ description: 'Calibrated probability of the most probable digit.' }),
  probabilities: Type.Array(Type.Number()),
  rejected: Type.Boolean(),
  reason: Nullable(Type.String({ description: 'Reason for the rejection: `notADigit`, `blank` or `tooSmall`.' })),
  explanation: Type.Optional(ExplanationSchema),
};

const common = {
  model: Type.Object({ name: Type.String(), version: Type.String(), weightsSha256: Type.String() }),
  time: Type.Object(
    { decodingMs: Type.Number(), readingMs: Type.Number(), totalMs: Type.Number() },
    { description: 'Time to decode the file, to read the image, and in total, including waiting.' },
  ),
};

const found = {
  text: Type.String({ description: 'Class names, rows separated by a space, `?` for a segment that is not a digit.' }),
  digits: Type.Array(Type.Object({ box: Box, ...answer }), {
    description: 'In reading order, with bounding boxes in pixels of the image or in the unit of the strokes.',
  }),
  notice: Nullable(
    Type.Literal('severalDigits', {
      description: 'What the reading leaves out: `severalDigits` if an image read as one digit shows several.',
    }),
  ),
  orientation: Type.Enum([0, 90, 180, 270], {
    description:
      'How far the image must be turned clockwise to be upright, in degrees. Boxes refer to the image as sent.',
  }),
  table: Nullable(
    Type.Array(Type.Array(Nullable(Type.String())), {
      description:
        'Rows of cells if `grid` was given: class names, `?` for a rejected digit, null for an empty cell. Otherwise null.',
    }),
  ),
};

const DigitSchema = Type.Object(
  { mode: Type.Literal('single'), ...answer, ...found, ...common },
  { title: 'Digit', description: 'The input was read as one digit. Its answer is at the top level and in `digits`.' },
);

const SeveralDigitsSchema = Type.Object(
  {
    mode: Type.Literal('multiple'),
    ...found,
    reason: Nullable(Type.String({ description: 'Reason why no digit was read.' })),
    ...common,
  },
  { title: 'SeveralDigits', description: 'The input was read as several digits.' },
);

/** Adds `POST /v1/digits`, which reads the digits in an image file or a drawing. */
export function digitsRoutes(app: TypedApp, context: RouteContext): void {
  const { settings, bodies } = context;
  app.removeAllContentTypeParsers();
  for (const type of [/^image\//, 'application/octet-stream', 'multipart/form-data']) {
    app.addContentTypeParser(type, bodies.parser({ advice: 'send a smaller file' }));
  }
  const limit = Math.min(settings.maxJson, MAX_DRAWING_BYTES);
  app.addContentTypeParser(
    'application/json',
    bodies.parser({ limit: () => limit, advice: 'send fewer points', parse: parseJson }),
  );
  app.post(
    '/v1/digits',
    {
      onRequest: refuseWhenFull(context),
      schema: {
        tags: ['Digits'],
        operationId: 'readDigits',
        summary: 'Reads the digits in an image or a drawing',
        description:
          'The body is an image file (PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF), a form with one, or a drawing as JSON. The service decides whether it shows one digit or several, unless `mode` says so.',
        querystring: DigitsQuerySchema,
        body: pictureBody(),
        response: {
          200: Type.Union([DigitSchema, SeveralDigitsSchema], { description: 'Reading.' }),
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
      if ('drawing' in task && task.options.grid !== undefined) {
        throw new ApiError('INVALID_REQUEST', 'grid must go with an image, got a drawing; leave it out');
      }
      const answer = await answerDigits(context, task, request, reply, startedAt);
      return reply.type(JSON_TYPE).serializer(JSON.stringify).send(answer);
    },
  );
}

/** Describes a body with an image file, a form with one, or a drawing. */
export function pictureBody() {
  // Any type, because the body is bytes, which a JSON schema can't describe.
  const file = { schema: Type.Any({ description: 'Image file.' }) };
  return {
    content: {
      'application/json': { schema: DrawingSchema },
      'multipart/form-data': {
        schema: Type.Any({ description: 'Form with one image file in a field of any name.' }),
      },
      ...Object.fromEntries(PICTURE_TYPES.map((type) => [type, file])),
    },
  };
}

/** Creates a hook that refuses a request before its body is read if the client's queue is full, because a refusal must cost little. */
export function refuseWhenFull({ host }: RouteContext): onRequestHookHandler {
  return (request, _, done) => {
    try {
      host.served?.pictures.requireRoom(request.client);
      done();
    } catch (error) {
      done(error as ApiError);
    }
  };
}

async function answerDigits(
  { settings, host, metrics, feedback }: RouteContext,
  task: PictureTask,
  request: FastifyRequest,
  reply: FastifyReply,
  startedAt: number,
): Promise<Static<typeof DigitSchema> | Static<typeof SeveralDigitsSchema>> {
  const { model, pictures } = host.requireServed();
  const result = await whileConnected(reply, (signal) => pictures.read(task, request.client, signal));
  if ('refused' in result) throw new ApiError(result.refused, result.message);
  const { answer, time } = result;
  recordPhase(request, metrics, 'decoding', time.decodingMs);
  recordPhase(request, metrics, 'reading', time.readingMs);
  const answers: readonly { readonly rejected: boolean }[] = answer.mode === 'multiple' ? answer.digits : [answer];
  const numRejected = answers.filter(({ rejected }) => rejected).length;
  metrics.countAnswers('file' in task ? 'picture' : 'strokes', answers.length, numRejected);
  if (answer.mode === 'single' && answer.reason === 'notADigit') feedback?.keepRejected(task, request.log);
  const { weightsSha256 } = model.metadata;
  return {
    ...(answer as Mutable<ReadingAnswer>),
    model: { name: settings.modelName, version: settings.modelVersion, weightsSha256 },
    time: {
      decodingMs: rounded(time.decodingMs),
      readingMs: rounded(time.readingMs),
      totalMs: rounded(performance.now() - startedAt),
    },
  };
}

/** Cancels work whose client has disconnected. The pool limits the time of the work itself. */
export async function whileConnected<Result>(
  { raw }: FastifyReply,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(clientLeft());
  };
  if (raw.destroyed) abort();
  raw.once('close', abort);
  try {
    return await work(controller.signal);
  } finally {
    raw.off('close', abort);
  }
}

/** Returns the client that the queue counts a request for. */
export function clientOf(request: FastifyRequest): string {
  return request.client;
}

function readOptions({ query }: FastifyRequest): ReadingOptions {
  const { mode, multiple, grid, explain } = query as Static<typeof DigitsQuerySchema>;
  const given = Object.entries({ mode, multiple, grid }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(' and ');
    throw new ApiError('INVALID_REQUEST', `the query must have one of mode, multiple and grid, got ${names}`);
  }
  const short = multiple === undefined ? 'auto' : multiple === 'true' ? 'multiple' : 'single';
  return { mode: mode ?? short, explain: explain === 'true', ...(grid !== undefined && { grid: gridOf(grid) }) };
}

/** @param size `ROWSxCOLUMNS`, as the schema has it */
function gridOf(size: string): GridSize {
  const [rows, columns] = size.split('x').map(Number);
  return { rows, columns };
}

/** Removes `readonly`, which the types of schemas lack. */
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** Reads the image file or the drawing of a request. */
export async function readBody(request: FastifyRequest): Promise<PictureSource> {
  const { body } = request;
  if (Buffer.isBuffer(body)) {
    const type = request.headers['content-type'] ?? '';
    return { file: /^multipart\/form-data/i.test(type) ? await readFormFile(body, type) : body };
  }
  if (typeof body !== 'object' || body === null) {
    throw new ApiError(
      'INVALID_REQUEST',
      'the body must be an image file, a form with one, or strokes as JSON, got none',
    );
  }
  const { strokes, penWidth = 0 } = body as Static<typeof DrawingSchema>;
  const numPoints = strokes.reduce((sum, { length }) => sum + length, 0);
  if (numPoints > MAX_POINTS) {
    throw new ApiError('INVALID_STROKES', `strokes must have at most ${MAX_POINTS} points, got ${numPoints}`);
  }
  return { drawing: { strokes: strokes as unknown as readonly Stroke[], penWidth } };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
