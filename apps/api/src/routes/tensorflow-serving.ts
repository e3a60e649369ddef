import type { FastifyReply, FastifyRequest } from 'fastify';
import { classifyLogits, type Classification } from '@digits/model';
import { Type, type Static } from 'typebox';
import type { ServedModel } from '../inference/model-host.ts';
import { IMAGES_PER_TURN } from '../inference/outputs.ts';
import { readPredictImages } from '../inference/tensor-json.ts';
import { errorResponses, JSON_TYPE } from '../service/errors.ts';
import { recordPhase } from '../service/requests.ts';
import {
  findModel,
  imageRules,
  INPUT_NAME,
  ModelPath,
  originOf,
  parseTensorJson,
  refuseWhenFull,
  requireClient,
  type RouteContext,
  sendInTurns,
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

const TensorInfo = Type.Object({
  dtype: Type.String(),
  tensor_shape: Type.Object({
    dim: Type.Array(Type.Object({ size: Type.String({ description: '-1 for any size.' }), name: Type.String() })),
    unknown_rank: Type.Boolean(),
  }),
  name: Type.String(),
});

const Signature = Type.Object({
  inputs: Type.Record(Type.String(), TensorInfo),
  outputs: Type.Record(Type.String(), TensorInfo),
  method_name: Type.String(),
});

const ModelMetadataSchema = Type.Object({
  model_spec: Type.Object({ name: Type.String(), signature_name: Type.String(), version: Type.String() }),
  metadata: Type.Object({
    signature_def: Type.Object({ signature_def: Type.Object({ serving_default: Signature }) }),
  }),
});

/**
 * Adds the REST routes of TensorFlow Serving: status and metadata of a model, and predictions by row or by column.
 *
 * @see https://www.tensorflow.org/tfx/serving/api_rest
 */
export function tensorflowServingRoutes(app: TypedApp, context: RouteContext): void {
  const { bodies, settings } = context;
  // TensorFlow Serving ignores the content type, too; `curl -d` sends that of a form.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    bodies.parser({
      limit: () => settings.maxJson,
      advice: 'send several requests',
      parse: (bytes, request) => parseTensorJson(context, 'predict', request, bytes),
    }),
  );
  modelRoutes(app, context, '/v1/models/:model', ModelPath, '');
  modelRoutes(app, context, '/v1/models/:model/versions/:version', VersionPath, 'Version');
}

function modelRoutes(
  app: TypedApp,
  context: RouteContext,
  path: string,
  params: typeof ModelPath | typeof VersionPath,
  suffix: string,
): void {
  const { settings, host } = context;
  app.get(
    path,
    {
      schema: {
        tags: TAGS,
        operationId: `getServingStatus${suffix}`,
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
  app.get(
    `${path}/metadata`,
    {
      schema: {
        tags: TAGS,
        operationId: `getServingMetadata${suffix}`,
        summary: 'Describes the inputs and outputs of the model',
        params,
        response: { 200: ModelMetadataSchema, ...errorResponses('MODEL_NOT_FOUND', 'NOT_READY') },
      },
    },
    (request) => describeSignature(context, findModel(context, request.params)),
  );
  app.post(
    // The last parameter ends at the colon before the verb.
    `${path}(^[^:]+)::predict`,
    {
      onRequest: refuseWhenFull(context),
      schema: {
        tags: TAGS,
        operationId: `predict${suffix}`,
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
      const answer = await predict(context, findModel(context, request.params), request, reply);
      sendInTurns(reply.type(JSON_TYPE), Buffer.from(answer));
      return reply;
    },
  );
}

/** Describes the default signature as TensorFlow Serving does, in the form of its protocol buffers. */
function describeSignature(
  { settings }: RouteContext,
  { model, numOutputs }: ServedModel,
): Static<typeof ModelMetadataSchema> {
  const { inputShape } = model.architecture;
  const outputs: Record<string, Static<typeof TensorInfo>> = {
    probabilities: tensorInfo('probabilities', 'DT_FLOAT', [model.metadata.classNames.length]),
    digit: tensorInfo('digit', 'DT_INT32', []),
    logits: tensorInfo('logits', 'DT_FLOAT', [numOutputs]),
    rejected: tensorInfo('rejected', 'DT_BOOL', []),
  };
  const signature = {
    inputs: { [INPUT_NAME]: tensorInfo(INPUT_NAME, 'DT_FLOAT', inputShape) },
    outputs,
    method_name: 'tensorflow/serving/predict',
  };
  return {
    model_spec: { name: settings.modelName, signature_name: '', version: settings.modelVersion },
    metadata: { signature_def: { signature_def: { serving_default: signature } } },
  };
}

/** @param shape of one image */
function tensorInfo(name: string, dtype: string, shape: readonly number[]): Static<typeof TensorInfo> {
  const dim = [-1, ...shape].map((size) => ({ size: String(size), name: '' }));
  return { dtype, tensor_shape: { dim, unknown_rank: false }, name };
}

async function predict(
  { settings, metrics }: RouteContext,
  { model, predictor, numOutputs }: ServedModel,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  const body = request.body as Static<typeof PredictRequestSchema>;
  const images = request.images ?? readPredictImages(body, imageRules(settings));
  const startedAt = performance.now();
  const logits = await predictor.predict(images, originOf(request, reply));
  recordPhase(request, metrics, 'inference', performance.now() - startedAt);
  const numImages = logits.length / numOutputs;
  const rows: Row[] = [];
  const texts: string[] = [];
  for (let first = 0; first < numImages; first += IMAGES_PER_TURN) {
    await predictor.turn(numImages);
    requireClient(reply);
    const some = logits.subarray(first * numOutputs, (first + IMAGES_PER_TURN) * numOutputs);
    const own = classifyLogits(model, some).map((classification, i) =>
      rowOf(classification, Array.from(some.subarray(i * numOutputs, (i + 1) * numOutputs))),
    );
    if (body.instances !== undefined) texts.push(JSON.stringify(own).slice(1, -1));
    rows.push(...own);
  }
  metrics.countAnswers('tensor', rows.length, rows.filter(({ rejected }) => rejected).length);
  if (body.instances !== undefined) return `{"predictions":[${texts.join(',')}]}`;
  return JSON.stringify({
    outputs: {
      probabilities: rows.map(({ probabilities }) => probabilities),
      digit: rows.map(({ digit }) => digit),
      logits: rows.map((row) => row.logits),
      rejected: rows.map(({ rejected }) => rejected),
    },
  });
}

/** Answer for one image. */
type Row = ReturnType<typeof rowOf>;

function rowOf({ digit, probabilities, rejected }: Classification, logits: number[]) {
  return { probabilities: [...probabilities], digit: digit ?? -1, logits, rejected };
}
