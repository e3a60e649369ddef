import { Type } from 'typebox';
import { ApiError, errorResponses } from '../service/errors.ts';
import type { Feedback } from '../service/feedback.ts';
import type { RouteContext, TypedApp } from './context.ts';
import { clientOf, pictureBody, readBody, refuseWhenFull, whileConnected } from './digits.ts';

const FeedbackQuerySchema = Type.Object({
  label: Type.String({ maxLength: 100, description: 'Name of the class that the image shows, for example `7`.' }),
});

const FeedbackSchema = Type.Object(
  {
    label: Type.String(),
    className: Type.Union([Type.String(), Type.Null()], {
      description: 'What the service reads; null if it rejects the image.',
    }),
  },
  { title: 'Feedback', description: 'The image is stored.' },
);

/**
 * Adds `POST /v1/feedback`, which stores an image of one digit with its right label. Call it after `digitsRoutes`, which adds the
 * parsers of bodies.
 */
export function feedbackRoutes(app: TypedApp, context: RouteContext, feedback: Feedback): void {
  const { host } = context;
  app.post(
    '/v1/feedback',
    {
      onRequest: refuseWhenFull(context),
      schema: {
        tags: ['Digits'],
        operationId: 'correctDigit',
        summary: 'Stores an image of one digit with its right label, for training',
        description: 'The body is that of `/v1/digits`. The image must be readable and show one digit.',
        querystring: FeedbackQuerySchema,
        body: pictureBody(),
        response: {
          201: FeedbackSchema,
          ...errorResponses(
            'DAMAGED_PICTURE',
            'INVALID_STROKES',
            'PICTURE_TOO_LARGE',
            'UNSUPPORTED_MEDIA_TYPE',
            'OVERLOADED',
            'STORE_FULL',
          ),
        },
      },
    },
    async (request, reply) => {
      const { model, pictures } = host.requireServed();
      const { label } = request.query;
      const { classNames } = model.metadata;
      if (!classNames.includes(label)) {
        throw new ApiError(
          'INVALID_REQUEST',
          `label must be one of ${classNames.slice(0, 12).join(', ')}, got "${label.slice(0, 40)}"`,
        );
      }
      const source = await readBody(request);
      // The trainer refuses a folder with an image that it can't read, so each is read before it is stored.
      const task = { ...source, options: { mode: 'single', explain: false } } as const;
      const result = await whileConnected(reply, (signal) => pictures.read(task, clientOf(request), signal));
      if ('refused' in result) throw new ApiError(result.refused, result.message);
      const { answer } = result;
      const reason = answer.mode === 'single' ? answer.reason : 'blank';
      if (reason === 'blank' || reason === 'tooSmall') {
        throw new ApiError('INVALID_REQUEST', `the image must show a digit, got one that is ${reason}`);
      }
      if (answer.notice === 'severalDigits') {
        throw new ApiError('INVALID_REQUEST', 'the image must show one digit, got several; cut it');
      }
      await feedback.correct(source, label);
      const className = answer.mode === 'single' ? answer.className : null;
      return reply.code(201).send({ label, className });
    },
  );
}
