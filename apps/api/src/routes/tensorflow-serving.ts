import type { FastifyRequest } from 'fastify';
import { classifyLogits, type Classification } from '@digits/model';
import { Type, type Static } from 'typebox';
import type { ServedModel } from '../inference/model-host.ts';
import { readImages } from '../inference/read-images.ts';
import { ApiError, errorResponses, JSON_TYPE } from '../service/errors.ts';
import {
  findModel,
  INPUT_NAME,
  ModelPath,
  refuseWhenFull,
  type RouteContext,
  type TypedApp,
  VersionPath,
} from './context.ts';

const TAGS = ['TensorFlow Serving'];

const PredictRequestSchema = Type.Object(
  {
    signature_name: Type.Optional(Type.String()),
    instances: Type.Optional(
      Type.Array(Type.Unknown(), {
        description:
          'One image per item: `[28][28]`, `[28][28][1]`, or an object with one in its field `images`; values in [0, 1].',
      }),
    ),
    inputs: Type.Optional(
      Type.Unknown({
        description:
          'All images in one array: `[n][28][28]` or `[n][28][28][1]`, or an object with it in its field `images`.',
      }),
    ),
  },
  { title: 'PredictRequest' },
);

const Row = Type.Object({
  probabilities: Type.Array(Type.Number()),
  digit: Type.Integer(),
  logits: Type.Array(Type.Number()),
  rejected: Type.Boolean(),
});

const PredictResponseSchema = Type.Union(
  [
    Type.Object({ predictions: Type.Array(Row) }, { description: 'Response to `instances`.' }),
    Type.Object(
      {
        outputs: Type.Object({
          probabilities: Type.Array(Type.Array(Type.Number())),
          digit: Type.Array(Type.Integer()),
          logits: Type.Array(Type.Array(Type.Number())),
          rejected: Type.Array(Type.Boolean()),
        }),
      },
      { description: 'Response to `inputs`.' },
    ),
  ],
  { description: 'One row per image for `instances`, one column per output for `inputs`.' },
);

const ModelStatusSchema = Type.Object({
  model_version_status: Type.Array(
    Type.Object({
      version: Type.String(),
      state: Type.String(),
      status: Type.Object({ error_code: Type.String(), error_message: Type.String() }),
    }),
  ),
});

/**
 * Adds the REST routes of TensorFlow Serving: the status of a model, and predictions by row or by column.
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
        summary: 'Says if the model is ready',
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
    // The last parameter ends at the colon before the verb.
    `${path}(^[^:]+)::predict`,
    {
      onRequest: refuseWhenFull(context),
      schema: {
        tags: TAGS,
        summary: 'Classifies a batch of 28x28 images',
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

/** Returns the images by row, from either form of the request. */
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
    throw new ApiError('INVALID_TENSOR', 'each image must be an array of numbers, [28][28] or [28][28][1]');
  }
  return data as unknown[];
}

/** Unwraps an object with the tensor under the name of the input. */
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
