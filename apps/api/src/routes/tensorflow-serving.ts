import type { FastifyRequest } from 'fastify';
import { classifyLogits, type Classification } from '@digits/model';
import type { Static } from 'typebox';
import { ApiError } from '../errors.ts';
import type { ServedModel } from '../model-host.ts';
import { errorResponses } from '../schemas/errors.ts';
import { ModelPath, VersionPath } from '../schemas/inference-protocol.ts';
import { ModelStatusSchema, PredictRequestSchema, PredictResponseSchema } from '../schemas/tensorflow-serving.ts';
import { readImages } from '../tensors/read-images.ts';
import { JSON_TYPE, type RouteContext, type TypedApp } from './context.ts';
import { findModel, INPUT_NAME, refuseWhenFull } from './inference-protocol.ts';

const TAGS = ['TensorFlow Serving'];

/**
 * The REST of TensorFlow Serving: a model's status, and predictions by row or by column.
 *
 * @see https://www.tensorflow.org/tfx/serving/api_rest
 */
export function tensorflowServingRoutes(app: TypedApp, context: RouteContext): void {
  modelRoutes(app, context, '/v1/models/:model', ModelPath);
  modelRoutes(app, context, '/v1/models/:model/versions/:version', VersionPath);
}

function modelRoutes(
  app: TypedApp,
  context: RouteContext,
  path: string,
  params: typeof ModelPath | typeof VersionPath,
): void {
  const { settings, host } = context;
  app.get(
    path,
    {
      schema: {
        tags: TAGS,
        summary: 'Whether the model can answer',
        params,
        response: { 200: ModelStatusSchema, ...errorResponses('MODEL_NOT_FOUND', 'NOT_READY') },
      },
    },
    (request) => {
      findModel(context, request.params);
      const state = host.isReady ? 'AVAILABLE' : 'UNLOADING';
      const status = { error_code: 'OK', error_message: '' };
      return { model_version_status: [{ version: settings.modelVersion, state, status }] };
    },
  );
  app.post(
    // The last parameter ends at the colon of the verb.
    `${path}(^[^:]+)::predict`,
    {
      onRequest: refuseWhenFull(context),
      schema: {
        tags: TAGS,
        summary: 'Answers a batch of 28x28 images',
        params,
        body: PredictRequestSchema,
        response: {
          200: PredictResponseSchema,
          ...errorResponses(
            'INVALID_TENSOR',
            'MODEL_NOT_FOUND',
            'BODY_TOO_LARGE',
            'UNSUPPORTED_MEDIA_TYPE',
            'OVERLOADED',
          ),
        },
      },
    },
    async (request, reply) => {
      const answer = await predict(context, findModel(context, request.params), request);
      return reply.type(JSON_TYPE).serializer(JSON.stringify).send(answer);
    },
  );
}

async function predict(
  { settings, metrics }: RouteContext,
  { model, predictor, numOutputs }: ServedModel,
  request: FastifyRequest,
): Promise<Static<typeof PredictResponseSchema>> {
  const body = request.body as Static<typeof PredictRequestSchema>;
  const { inputShape } = model.architecture;
  const data = readData(body);
  const shape = [data.length, ...(hasChannel(data) ? inputShape : inputShape.slice(0, 2))];
  const rules = { name: INPUT_NAME, imageShape: inputShape, maxImages: settings.maxImages };
  const images = readImages({ name: INPUT_NAME, shape, datatype: 'FP32', data }, null, rules);
  const logits = await predictor.predict(images);
  const classifications = classifyLogits(model, logits);
  metrics.countAnswers('tensor', classifications.length, classifications.filter(({ rejected }) => rejected).length);
  const rows = classifications.map((classification, i) =>
    rowOf(classification, Array.from(logits.subarray(i * numOutputs, (i + 1) * numOutputs))),
  );
  if (body.instances !== undefined) return { predictions: rows };
  return {
    outputs: {
      probabilities: rows.map(({ probabilities }) => probabilities),
      digit: rows.map(({ digit }) => digit),
      logits: rows.map((row) => row.logits),
      rejected: rows.map(({ rejected }) => rejected),
    },
  };
}

/** The images by row, whichever way they came. */
function readData({
  instances,
  inputs,
  signature_name: signature = 'serving_default',
}: Static<typeof PredictRequestSchema>): unknown[] {
  if (signature !== 'serving_default') {
    throw new ApiError('INVALID_REQUEST', `signature_name must be "serving_default", got "${signature.slice(0, 40)}"`);
  }
  if ((instances === undefined) === (inputs === undefined)) {
    throw new ApiError('INVALID_REQUEST', 'the body must have either instances or inputs');
  }
  const data = instances?.map(imagesOf) ?? imagesOf(inputs);
  if (!Array.isArray(data) || !Array.isArray(data[0])) {
    throw new ApiError('INVALID_TENSOR', 'the images must be arrays of numbers, [28][28] or [28][28][1] each');
  }
  return data as unknown[];
}

/** A tensor may be named. */
function imagesOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return (value as Record<string, unknown>)[INPUT_NAME];
}

function hasChannel(data: readonly unknown[]): boolean {
  const [image] = data;
  return Array.isArray(image) && Array.isArray(image[0]) && Array.isArray(image[0][0]);
}

function rowOf({ digit, probabilities, rejected }: Classification, logits: number[]) {
  return { probabilities: [...probabilities], digit: digit ?? -1, logits, rejected };
}
