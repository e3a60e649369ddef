import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import type { ServedModel } from '../inference/model-host.ts';
import { selectOutputs, writeOutputs } from '../inference/outputs.ts';
import { readImagesInTurns } from '../inference/read-images.ts';
import { ApiError, errorResponses, JSON_TYPE } from '../service/errors.ts';
import { recordPhase } from '../service/requests.ts';
import {
  findModel,
  imageRules,
  INPUT_NAME,
  type ModelParams,
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

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes behind the JSON of an inference request, null if there are none. */
    binary: Uint8Array | null;
  }
}

const TAGS = ['Open Inference Protocol'];

const LENGTH_HEADER = 'inference-header-content-length';

/** Size of an image as FP32. */
const BYTES_PER_IMAGE = 4 * 28 * 28;

/** Advice for requests that are too large for JSON. */
const TENSOR_ADVICE = 'send the tensor as bytes behind the JSON, or several requests';

const Parameters = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Parameters of the protocol and its extensions.',
});

const TensorMetadata = Type.Object({
  name: Type.String(),
  datatype: Type.String(),
  shape: Type.Array(Type.Integer(), { description: '-1 for an axis of any size.' }),
});

const ServerMetadataSchema = Type.Object({
  name: Type.String(),
  version: Type.String(),
  extensions: Type.Array(Type.String()),
});

const ModelReadySchema = Type.Object({ name: Type.String(), ready: Type.Boolean() });

const ModelMetadataSchema = Type.Object({
  name: Type.String(),
  versions: Type.Array(Type.String()),
  platform: Type.String(),
  inputs: Type.Array(TensorMetadata),
  outputs: Type.Array(TensorMetadata),
  parameters: Type.Object({
    preset: Type.Union([Type.String(), Type.Null()]),
    weights_sha256: Type.String(),
    temperature: Type.Number(),
    class_names: Type.Array(Type.String()),
  }),
});

const InputSchema = Type.Object({
  name: Type.String({ description: '`images`' }),
  shape: Type.Array(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), {
    minItems: 1,
    maxItems: 8,
    description: '`[n, 28, 28, 1]` or `[n, 28, 28]`',
  }),
  datatype: Type.String({ description: '`FP32` in [0, 1], or `UINT8`; white digits on black' }),
  parameters: Type.Optional(Parameters),
  data: Type.Optional(
    Type.Array(Type.Unknown(), {
      description: 'Values, row-major, flat or nested like the shape; omitted if they follow as bytes.',
    }),
  ),
});

const InferRequestSchema = Type.Object(
  {
    id: Type.Optional(Type.String()),
    parameters: Type.Optional(Parameters),
    inputs: Type.Array(InputSchema, { minItems: 1, maxItems: 1 }),
    outputs: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), parameters: Type.Optional(Parameters) }), {
        maxItems: 8,
        description: 'Some of `probabilities`, `digit` (-1 if rejected), `logits`, `rejected`; all by default.',
      }),
    ),
  },
  { title: 'InferRequest' },
);

const InferResponseSchema = Type.Object(
  {
    model_name: Type.String(),
    model_version: Type.String(),
    id: Type.Optional(Type.String()),
    outputs: Type.Array(
      Type.Object({
        name: Type.String(),
        datatype: Type.String(),
        shape: Type.Array(Type.Integer()),
        parameters: Type.Optional(Parameters),
        data: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.Boolean()]))),
      }),
    ),
  },
  { title: 'InferResponse' },
);

/**
 * Adds the REST routes of the Open Inference Protocol, version 2, with the binary tensor data extension.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function inferenceProtocolRoutes(app: TypedApp, context: RouteContext): void {
  // Clients of the protocol send various content types, or none.
  app.removeAllContentTypeParsers();
  const { maxJson } = context.settings;
  app.addContentTypeParser(
    '*',
    context.bodies.parser({
      limit: ({ headers }) => (headers[LENGTH_HEADER] === undefined ? maxJson : Infinity),
      advice: TENSOR_ADVICE,
      parse: (bytes, request) => readInferBody(context, request, bytes),
    }),
  );
  app.decorateRequest('binary', null);
  app.get(
    '/v2',
    {
      schema: {
        tags: TAGS,
        operationId: 'getServer',
        summary: 'Describes the server',
        response: { 200: ServerMetadataSchema, ...errorResponses() },
      },
    },
    () => ({ name: 'digits', version: context.serverVersion, extensions: ['binary_tensor_data'] }),
  );
  modelRoutes(app, context, '/v2/models/:model', ModelPath, '');
  modelRoutes(app, context, '/v2/models/:model/versions/:version', VersionPath, 'Version');
}

function modelRoutes(
  app: TypedApp,
  context: RouteContext,
  path: string,
  params: typeof ModelPath | typeof VersionPath,
  suffix: string,
): void {
  const find = (request: FastifyRequest): ServedModel => findModel(context, request.params as ModelParams);
  app.get(
    path,
    {
      schema: {
        tags: TAGS,
        operationId: `getModel${suffix}`,
        summary: 'Describes the inputs and outputs of the model',
        params,
        response: { 200: ModelMetadataSchema, ...errorResponses('MODEL_NOT_FOUND', 'NOT_READY') },
      },
    },
    (request) => describeModel(context, find(request)),
  );
  app.get(
    `${path}/ready`,
    {
      schema: {
        tags: TAGS,
        operationId: `getModel${suffix}Ready`,
        summary: 'Says if the model is ready',
        params,
        response: { 200: ModelReadySchema, ...errorResponses('MODEL_NOT_FOUND', 'NOT_READY') },
      },
    },
    (request) => {
      find(request);
      if (!context.host.isReady) throw new ApiError('NOT_READY', 'the service must be ready, but it is shutting down');
      return { name: context.settings.modelName, ready: true };
    },
  );
  app.post(
    `${path}/infer`,
    {
      onRequest: refuseWhenFull(context, minImagesOf),
      schema: {
        tags: TAGS,
        operationId: `inferModel${suffix}`,
        summary: 'Classifies a batch of 28x28 images',
        description:
          'Input tensors can follow the JSON as bytes: set their `binary_data_size`, and set the header `Inference-Header-Content-Length` to the length of ' +
          'the JSON. To receive output tensors as bytes, set `binary_data` or `binary_data_output`.',
        params,
        body: InferRequestSchema,
        response: {
          200: InferResponseSchema,
          ...errorResponses('INVALID_TENSOR', 'MODEL_NOT_FOUND', 'BODY_TOO_LARGE', 'OVERLOADED'),
        },
      },
    },
    async (request, reply) => {
      await infer(context, find(request), request, reply);
      return reply;
    },
  );
}

function describeModel(
  { settings }: RouteContext,
  { model, numOutputs }: ServedModel,
): Static<typeof ModelMetadataSchema> {
  const { preset, weightsSha256, temperature, classNames } = model.metadata;
  return {
    name: settings.modelName,
    versions: [settings.modelVersion],
    platform: 'digits_simd',
    inputs: [{ name: INPUT_NAME, datatype: 'FP32', shape: [-1, ...model.architecture.inputShape] }],
    outputs: [
      { name: 'probabilities', datatype: 'FP32', shape: [-1, classNames.length] },
      { name: 'digit', datatype: 'INT32', shape: [-1] },
      { name: 'logits', datatype: 'FP32', shape: [-1, numOutputs] },
      { name: 'rejected', datatype: 'BOOL', shape: [-1] },
    ],
    parameters: { preset, weights_sha256: weightsSha256, temperature, class_names: [...classNames] },
  };
}

/** Returns the minimum number of images behind the JSON: FP32 takes the most bytes. */
function minImagesOf({ headers }: FastifyRequest): number {
  const numBytes = Number(headers['content-length']) - Number(headers[LENGTH_HEADER]);
  return numBytes > 0 ? Math.max(1, Math.floor(numBytes / BYTES_PER_IMAGE)) : 1;
}

async function infer(
  { settings, metrics }: RouteContext,
  { model, predictor }: ServedModel,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { id, inputs, outputs: requested, parameters } = request.body as Static<typeof InferRequestSchema>;
  const selections = selectOutputs(requested, parameters);
  // Before the images take time and memory.
  predictor.requireRoom(request.client, Math.min(inputs[0].shape[0], settings.maxImages));
  const turn = async (): Promise<void> => {
    await predictor.turn(inputs[0].shape[0]);
    requireClient(reply);
  };
  await turn();
  const images = request.images ?? (await readImagesInTurns(inputs[0], request.binary, imageRules(settings), turn));
  const startedAt = performance.now();
  const logits = await predictor.predict(images, originOf(request, reply));
  recordPhase(request, metrics, 'inference', performance.now() - startedAt);
  await turn();
  const { json: outputs, binary, numImages, numRejected } = await writeOutputs(model, logits, selections, turn);
  metrics.countAnswers('tensor', numImages, numRejected);
  const head = JSON.stringify({ model_name: settings.modelName, model_version: settings.modelVersion, id });
  const answer = `${head.slice(0, -1)},"outputs":${outputs}}`;
  if (binary.length === 0) {
    sendInTurns(reply.type(JSON_TYPE), Buffer.from(answer));
    return;
  }
  const json = Buffer.from(answer);
  void reply.header('inference-header-content-length', String(json.length)).type('application/octet-stream');
  sendInTurns(reply, Buffer.concat([json, ...binary]));
}

/**
 * Splits the body of an inference request into JSON and the bytes behind it, which it stores in `request.binary`.
 *
 * @returns the JSON, or a promise of it
 * @throws ApiError `INVALID_JSON`, `BODY_TOO_LARGE` or `INVALID_REQUEST`
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html
 */
function readInferBody(context: RouteContext, request: FastifyRequest, body: Buffer): unknown {
  const { maxJson } = context.settings;
  const jsonLength = readJsonLength(request.headers[LENGTH_HEADER], body.length);
  if (jsonLength > maxJson) {
    throw new ApiError('BODY_TOO_LARGE', `the JSON must have at most ${maxJson} bytes; ${TENSOR_ADVICE}`);
  }
  if (jsonLength < body.length) request.binary = body.subarray(jsonLength);
  return parseTensorJson(context, 'infer', request, body.subarray(0, jsonLength));
}

function readJsonLength(header: string | string[] | undefined, bodyLength: number): number {
  if (header === undefined) return bodyLength;
  const length = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : NaN;
  if (!(length <= bodyLength)) {
    throw new ApiError(
      'INVALID_REQUEST',
      `Inference-Header-Content-Length must be a whole number of at most ${bodyLength}, the length of the body, got "${String(header).slice(0, 40)}"`,
    );
  }
  return length;
}
